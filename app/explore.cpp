// octet explore SWEEP.yaml: every combination of what a sweep file varies, on all cores.
#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "app/commands.hpp"
#include "app/explore_formula.hpp"
#include "app/explore_output.hpp"
#include "app/result.hpp"
#include "app/step_options.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "common/folder_lock.hpp"
#include "common/hash.hpp"
#include "common/machine.hpp"
#include "sim/closed_form/closed_form.hpp"
#include "sim/estimate.hpp"
#include "sim/explore/store.hpp"
#include "sim/explore/workers.hpp"

namespace octet::app {
namespace {

namespace ex = sim::explore;

struct Options {
  std::string sweep, out;
  int jobs = 0;
  bool restart = false, by_rates = false, by_formula = false;
  std::string forward;
};

Step resolve_point(const ex::Point& p, const std::string& forward) {
  StepOptions options;
  options.workload = p.network;
  options.recipe = p.recipe;
  options.hardware = p.hardware;
  options.set = p.recipe_set;
  options.set_hardware = p.hardware_set;
  options.batch = p.batch;
  options.forward = forward;
  return resolve(options);
}

ex::Outcome evaluate(const ex::Point& point, const Options& how) {
  static sim::RatesCache rates;  // for all points of this process
  const Step resolved = resolve_point(point, how.forward);
  const auto& [network, recipe, hardware, batch, scope] = resolved;
  // The formula is of rows that stay open and of requests in their order; others are replayed.
  if (how.by_formula && sim::plain_memory(hardware.dram)) {
    std::string step = fmt::format("{} {} {}", point.network, point.recipe, batch);
    for (const std::string& setting : point.recipe_set) step += " " + setting;
    return evaluate_by_formula(resolved, step);
  }
  const sim::StepEstimate step = how.by_rates || how.by_formula
                                     ? sim::estimate_closed_form(network, recipe, hardware, batch,
                                                                 sim::Method::kRates, rates, scope)
                                     : sim::estimate_step(network, recipe, hardware, batch, scope);
  const nlohmann::json out = sim::to_json(step);
  ex::Outcome o;
  o.ok = true;
  o.batch = batch;
  o.cycles = step.stats.cycles;
  o.seconds = step.seconds();
  const sim::Spread energy = step.energy();
  o.joules = energy.typical;
  o.joules_low = energy.low;
  o.joules_high = energy.high;
  if (out.contains("area_mm2")) o.area_mm2 = out["area_mm2"].get<double>();
  o.dram_bytes = step.stats.total().dram_bytes;
  o.sram_bytes = step.stats.total().sram_bytes;
  o.macs = step.stats.total().macs;
  o.utilisation = step.utilisation();
  o.needed_bytes = step.stats.live_bytes;
  o.memory_bytes = step.memory_bytes;
  return o;
}

// One field of an axis with one of its values, alone over the files of the first point.
void check_value(const ex::Sweep& sweep, const ex::Point& first, const std::string& field,
                 const std::string& value) {
  const std::size_t dot = field.find('.');
  const std::string name = dot == std::string::npos ? "" : field.substr(dot + 1);
  const std::string setting = fmt::format("{}={}", name, value);
  try {
    if (field == "network") (void)workloads::find_network(value);
    if (field == "recipe") (void)model::find_recipe(value);
    if (field == "hardware") (void)sim::find_hardware(value);
    if (field.starts_with("hardware.")) (void)sim::find_hardware(first.hardware, {setting});
    if (field.starts_with("recipe.")) (void)model::find_recipe(first.recipe, {setting});
  } catch (const Error& error) {
    const std::string text = error.what();
    if (text.starts_with(field + ": ")) throw Error(fmt::format("{}: {}", sweep.file, text));
    if (name.empty()) throw Error(fmt::format("{}: {}: {}", sweep.file, field, text));
    // What it says of another field may hold for this combination alone.
    const std::size_t at = text.find(fmt::format(" {}: found ", name));
    if (at == std::string::npos) return;
    throw Error(fmt::format("{}: over.{}{}", sweep.file, field, text.substr(at + 1 + name.size())));
  }
}

// A name or value that no point could have, found before anything runs. What only some
// combinations forbid (a scratchpad too small for a layer) is an outcome of those points instead.
void check_values(const ex::Sweep& sweep) {
  const ex::Point first = sweep.point(sweep.places(0));
  for (const bool names : {true, false}) {  // the files before what is set over them
    for (const ex::Axis& axis : sweep.axes) {
      for (const std::string& field : axis.fields) {
        if (names == (field.find('.') != std::string::npos)) continue;
        for (const std::string& value : axis.values) check_value(sweep, first, field, value);
      }
    }
  }
}

template <class Bytes>
std::string hash_of(const Bytes& bytes) {
  Fnv1a hash;
  hash.add_bytes(std::as_bytes(std::span(bytes)));
  return fmt::format("{:016x}", hash.value());
}

// Says all that a point's outcome depends on: this program, the files and the settings.
class Keys {
 public:
  explicit Keys(const Options& options)
      : program_(hash_of(read_maybe_gzip("/proc/self/exe")) +
                 (options.by_rates     ? " rates"
                  : options.by_formula ? " formula"
                                       : "") +
                 (options.forward.empty() ? "" : " " + options.forward)) {}
  std::string of(const ex::Point& p) {
    std::string key = program_ + " " + file(p.network, workloads::find_network) + " " +
                      file(p.recipe, [](const std::string& n) { return model::find_recipe(n); }) +
                      " " +
                      file(p.hardware, [](const std::string& n) { return sim::find_hardware(n); }) +
                      fmt::format(" batch={}", p.batch);
    for (const std::string& setting : p.recipe_set) key += " recipe." + setting;
    for (const std::string& setting : p.hardware_set) key += " hardware." + setting;
    return key;
  }

 private:
  template <typename Find>
  std::string file(const std::string& name, const Find& find) {
    auto at = hashes_.find(name);
    if (at == hashes_.end())
      at = hashes_.emplace(name, name + "@" + hash_of(read_text_file(find(name).file))).first;
    return at->second;
  }
  std::string program_;
  std::map<std::string, std::string> hashes_;
};

class Progress {
 public:
  explicit Progress(std::size_t points)
      : points_(points), terminal_(::isatty(STDOUT_FILENO) != 0) {}
  void step() {
    ++done_;
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_ || (now - shown_ < std::chrono::milliseconds(200) && done_ < points_)) return;
    shown_ = now;
    fmt::print("\r{}/{} points, {:.1f} points/s ", done_, points_,
               static_cast<double>(done_) / std::chrono::duration<double>(now - start_).count());
    if (done_ == points_) fmt::print("\n");
    std::fflush(stdout);
  }

 private:
  std::size_t points_, done_ = 0;
  bool terminal_;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now(), shown_;
};

int explore(const Options& options, const std::string& command_line) {
  const ex::Sweep sweep = ex::read_sweep(options.sweep);
  check_values(sweep);
  const std::string folder =
      prepare_folder(options.out.empty() ? "runs/explore-" + sweep.name : options.out);
  const FolderLock lock(folder);
  const auto count = static_cast<std::size_t>(sweep.points());
  std::vector<std::string> keys(count);
  std::vector<ex::Outcome> outcomes(count);
  std::vector<std::int64_t> todo;
  Keys names(options);
  ex::Store store(folder + "/points.sqlite");
  if (options.restart) store.clear();
  {
    const auto stored = store.all();
    for (std::size_t i = 0; i < count; ++i) {
      const auto index = static_cast<std::int64_t>(i);
      keys[i] = names.of(sweep.point(sweep.places(index)));
      if (const auto at = stored.find(keys[i]); at != stored.end()) {
        outcomes[i] = at->second;
      } else {
        todo.push_back(index);
      }
    }
  }
  const int jobs = options.jobs > 0 ? options.jobs : available_cores();
  fmt::print("{}: {} points, {} to run, {} processes\n", sweep.name, count, todo.size(),
             std::min<std::size_t>(static_cast<std::size_t>(jobs), todo.size()));
  Progress progress(todo.size());
  const auto lost = ex::run_points(
      todo, jobs,
      [&](std::int64_t index) { return evaluate(sweep.point(sweep.places(index)), options); },
      [&](std::int64_t index, const ex::Outcome& outcome) {
        const auto i = static_cast<std::size_t>(index);
        const ex::Point p = sweep.point(sweep.places(index));
        store.put({keys[i], p.network, p.recipe, p.hardware, settings_text(p)}, outcome);
        outcomes[i] = outcome;
        progress.step();
      });
  for (const std::int64_t index : lost)
    outcomes[static_cast<std::size_t>(index)].error = "its process died: out of memory?";
  const bool any = write_exploration(sweep, outcomes, folder, command_line);
  if (!lost.empty()) {
    throw Error(
        fmt::format("{} of {} points have no outcome: their processes died; the same command "
                    "tries them again, --jobs 1 leaves them more memory",
                    lost.size(), count));
  }
  if (!any) throw Error(sweep.file + ": found no point that can be run: " + outcomes[0].error);
  return 0;
}

}  // namespace

void add_explore(CLI::App& cli, const std::string& command_line, Run& run) {
  CLI::App* command =
      cli.add_subcommand("explore",
                         "Every combination of what a sweep file varies, and the best of them "
                         "(docs/explore.md)\n"
                         "example: octet explore sim/explore/example.yaml --out runs/sweep");
  auto options = std::make_shared<Options>();
  command->add_option("sweep", options->sweep, "the sweep file")->required();
  command->add_option("--out", options->out,
                      "folder for points.sqlite, points.csv, pareto.svg and explore.json; what is "
                      "stored there is not run again");
  command->add_option("--jobs", options->jobs, "processes (default: one a core)")
      ->check(CLI::Range(1, 1024));
  command->add_flag("--rates", options->by_rates,
                    "work the steps out as octet estimate --closed-form=rates does");
  command
      ->add_flag("--formula", options->by_formula,
                 "by formula: sooner still, cycles and joules within a few % (docs/timing.md)")
      ->excludes("--rates");
  add_forward_option(*command, options->forward);
  command->add_flag("--restart", options->restart, "drop what is stored in the folder");
  command->callback([options, command_line, &run] {
    run = [options, command_line] { return explore(*options, command_line); };
  });
}

}  // namespace octet::app
