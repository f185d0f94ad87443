// octet estimate --chips N: a training step shared out over many chips (docs/scale_out.md).
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "app/estimate_modes.hpp"
#include "app/finite_range.hpp"
#include "app/result.hpp"
#include "app/shown.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "sim/energy/bank_speed.hpp"
#include "sim/energy/energy.hpp"
#include "sim/energy/step_counts.hpp"
#include "sim/program/lower.hpp"
#include "sim/scale_out/schedule.hpp"
#include "sim/views/svg.hpp"

namespace octet::app {
namespace {

namespace so = sim::scale_out;
using nlohmann::ordered_json;

constexpr std::int64_t kCurveChips = 4096;

// Weights, biases, gammas and betas of each layer.
std::vector<std::int64_t> parameters_of(const Step& step) {
  std::vector<std::int64_t> parameters;
  for (const workloads::Node& node : step.network.nodes) {
    std::int64_t count = node.weights() + (node.bias ? node.out.channels : 0);
    const bool norm =
        node.op == workloads::Op::kNorm && step.recipe.norm != model::Recipe::Norm::kNone;
    if (norm) count += 2L * node.out.channels;
    parameters.push_back(count);
  }
  return parameters;
}

struct OneChip {
  so::ChipStep step;
  sim::StepEstimate alone;  // without the links, and without waiting for them
};

// One chip's step by its batch, each run once.
class ChipSteps {
 public:
  explicit ChipSteps(const Step& step) : step_(step), parameters_(parameters_of(step)) {}
  const OneChip& at(int batch) {
    auto found = steps_.find(batch);
    if (found == steps_.end()) {
      const sim::Program program = sim::lower(step_.network, step_.recipe, step_.hardware, batch);
      sim::MachineRun run;
      sim::StepEstimate alone = sim::estimate_program(program, step_.hardware, &run);
      so::ChipStep step = so::chip_step(program, run.intervals, step_.hardware, parameters_);
      found = steps_.emplace(batch, OneChip{std::move(step), std::move(alone)}).first;
    }
    return found->second;
  }

 private:
  const Step& step_;
  std::vector<std::int64_t> parameters_;
  std::map<int, OneChip> steps_;
};

struct CurvePoint {
  std::int64_t chips = 1, global_batch = 0;
  int batch = 0;  // of the chip with the most
  double seconds = 0.0, exposed = 0.0, efficiency = 0.0;
  [[nodiscard]] double images_per_second() const {
    return static_cast<double>(global_batch) / seconds;
  }
};

std::vector<std::int64_t> curve_chips(std::int64_t own) {
  std::vector<std::int64_t> all;
  for (std::int64_t n = 1; n <= kCurveChips; n *= 2) all.push_back(n);
  all.push_back(own);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

// Weak: each chip has the whole batch. Strong: the batch is shared out, the last chips having
// fewer.
std::vector<CurvePoint> curve(ChipSteps& steps, int batch, bool weak, std::int64_t own,
                              double bytes, const so::Links& links, double message) {
  std::vector<CurvePoint> points;
  const double alone = steps.at(batch).step.seconds;
  for (const std::int64_t chips : curve_chips(own)) {
    if (!weak && chips > batch) break;  // a chip without an image
    CurvePoint p;
    p.chips = chips;
    p.batch = weak ? batch : static_cast<int>((batch + chips - 1) / chips);
    p.global_batch = weak ? batch * chips : batch;
    const so::Schedule s = so::schedule(steps.at(p.batch).step, bytes, chips, links, message);
    p.seconds = s.seconds;
    p.exposed = s.exposed;
    p.efficiency = weak ? alone / s.seconds : alone / (static_cast<double>(chips) * s.seconds);
    points.push_back(p);
  }
  return points;
}

ordered_json curve_json(const std::vector<CurvePoint>& points) {
  ordered_json rows = ordered_json::array();
  for (const CurvePoint& p : points) {
    rows.push_back({{"chips", p.chips},
                    {"batch_per_chip", p.batch},
                    {"global_batch", p.global_batch},
                    {"seconds", p.seconds},
                    {"exposed_seconds", p.exposed},
                    {"images_per_second", p.images_per_second()},
                    {"efficiency", p.efficiency}});
  }
  return rows;
}

void print_curve(const char* title, const std::vector<CurvePoint>& points) {
  fmt::print("{}\n  {:>8} {:>10} {:>12} {:>12} {:>12} {:>14} {:>10}\n", title, "chips",
             "images a chip", "batch", "step ms", "exposed ms", "images/s", "efficiency");
  for (const CurvePoint& p : points) {
    fmt::print("  {:>8} {:>13} {:>12} {:>12.4f} {:>12.4f} {:>14.0f} {:>9.1f}%\n", p.chips, p.batch,
               p.global_batch, 1e3 * p.seconds, 1e3 * p.exposed, p.images_per_second(),
               100.0 * p.efficiency);
  }
}

std::string picture(const std::string& title, const std::vector<CurvePoint>& weak,
                    const std::vector<CurvePoint>& strong) {
  constexpr double kLeft = 70, kTop = 60, kWidth = 640, kHeight = 320;
  sim::Svg svg(kLeft + kWidth + 40, kTop + kHeight + 60, title);
  svg.text(12, 22, title);
  const double most = std::log2(static_cast<double>(weak.back().chips));
  const auto x = [&](std::int64_t chips) {
    return kLeft + kWidth * std::log2(static_cast<double>(chips)) / std::max(1.0, most);
  };
  const auto y = [&](double efficiency) { return kTop + kHeight * (1.0 - efficiency); };
  for (int percent = 0; percent <= 100; percent += 20) {
    svg.line(kLeft, y(percent / 100.0), kLeft + kWidth, y(percent / 100.0), "g");
    svg.text(kLeft - 8, y(percent / 100.0) + 4, fmt::format("{} %", percent), "end", "s");
  }
  for (std::int64_t n = 1; n <= weak.back().chips; n *= 4)
    svg.text(x(n), kTop + kHeight + 20, std::to_string(n), "middle", "s");
  svg.text(kLeft + kWidth, kTop + kHeight + 42, "chips", "end", "s");
  const auto draw = [&](const std::vector<CurvePoint>& points, const char* style,
                        const char* name) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      const double at = y(points[i].efficiency);
      if (i > 0)
        svg.line(x(points[i - 1].chips), y(points[i - 1].efficiency), x(points[i].chips), at, "a");
      svg.circle(x(points[i].chips), at, 4, style,
                 fmt::format("{}, {} chips: {:.1f} %, {:.4g} ms", name, points[i].chips,
                             100.0 * points[i].efficiency, 1e3 * points[i].seconds));
    }
  };
  draw(strong, "c0", "strong");
  draw(weak, "c2", "weak");
  svg.circle(kLeft + 6, 42, 5, "c2");
  svg.text(kLeft + 16, 46, "weak scaling", "start", "s");
  svg.circle(kLeft + 126, 42, 5, "c0");
  svg.text(kLeft + 136, 46, "strong scaling", "start", "s");
  return svg.finish();
}

// Of a chip that waits for its links: standby and refreshes of its memory, and leakage.
sim::Spread waiting_energy(double seconds, const Step& step) {
  const sim::Hardware& hw = step.hardware;
  const sim::EnergyPrices prices(sim::energy_table_of(hw), hw,
                                 sim::datapath_of(hw, step.recipe.float32));
  const auto counts = sim::standing_counts(seconds * static_cast<double>(hw.clock_hz), hw);
  sim::Spread sum;
  for (std::size_t i = 0; i < counts.size(); ++i)
    sum += prices.row(static_cast<sim::Activity>(i)).pj * (1e-12 * counts[i]);
  return sum;
}

ordered_json buckets_json(const so::ChipStep& step, const so::Schedule& s, double bytes) {
  ordered_json rows = ordered_json::array();
  for (std::size_t i = 0; i < step.buckets.size(); ++i) {
    const so::Bucket& b = step.buckets[i];
    const so::Reduction& r = s.reductions[i];
    rows.push_back({{"layer", b.layer},
                    {"parameters", b.parameters},
                    {"bytes", static_cast<double>(b.parameters) * bytes},
                    {"ready_seconds", b.ready},
                    {"start_seconds", r.start},
                    {"end_seconds", r.end},
                    {"update_seconds", b.update},
                    {"updated_seconds", r.updated}});
  }
  return rows;
}

}  // namespace

void add_scale_out_options(CLI::App& command, EstimateOptions& options) {
  ScaleOutOptions& o = options.scale_out;
  CLI::Option* chips =
      command
          .add_option("--chips", o.chips,
                      "chips that share the training, each with --batch images; needs --link")
          ->check(CLI::Range(std::int64_t{1}, so::kMostChips));
  for (const char* other : {"--gemm", "--reference", "--compare", "--trace", "--vcd"})
    chips->excludes(command.get_option(other));
  CLI::Option* link =
      command.add_option("--link", o.gb_per_second, "of --chips: GB/s of one link, each direction")
          ->check(finite_range(1e-6, 1e6))
          ->needs(chips);
  chips->needs(link);
  command.add_option("--topology", o.topology, "of --chips: ring or tree")
      ->check(CLI::IsMember({"ring", "tree"}))
      ->capture_default_str()
      ->needs(chips);
  command
      .add_option("--gradient-bits", o.gradient_bits, "of --chips: 16 or 32, of a summed gradient")
      ->check(CLI::IsMember({16, 32}))
      ->capture_default_str()
      ->needs(chips);
  command
      .add_option("--message-mb", o.message_mb,
                  "of --chips: MB of gradients that are summed together; 0: each layer alone")
      ->check(finite_range(0.0, 1e6))
      ->capture_default_str()
      ->needs(chips);
  command.add_option("--link-latency", o.latency_us, "of --chips: microseconds of one message")
      ->check(finite_range(0.0, 1e6))
      ->capture_default_str()
      ->needs(chips);
}

int estimate_scale_out(const EstimateOptions& options, const std::string& command_line) {
  const ScaleOutOptions& o = options.scale_out;
  Step step = resolve(options.step);
  step.hardware = with_tables(sim::machine_for(step.recipe, step.hardware), options);
  prepare_file(options.json);
  const std::string folder = prepare_folder(
      options.out.empty() ? default_folder(fmt::format("{}-{}-{}chips", step.network.name,
                                                       step.hardware.name, o.chips))
                          : options.out);
  const so::Links links{o.topology == "tree" ? so::Topology::kTree : so::Topology::kRing,
                        1e9 * o.gb_per_second, 1e-6 * o.latency_us};
  const double bytes = o.gradient_bits / 8.0;
  ChipSteps steps(step);
  const auto& [chip, alone] = steps.at(step.batch);
  const double message = 1e6 * o.message_mb;
  const so::Schedule s = so::schedule(chip, bytes, o.chips, links, message);
  const sim::Spread energy = alone.energy() + waiting_energy(s.exposed, step);
  const auto weak = curve(steps, step.batch, true, o.chips, bytes, links, message);
  const auto strong = curve(steps, step.batch, false, o.chips, bytes, links, message);
  const double images = static_cast<double>(step.batch) * static_cast<double>(o.chips);
  const std::string title =
      fmt::format("{}, recipe {}, {} x {}, {} at {:g} GB/s", step.network.name, step.recipe.name,
                  o.chips, step.hardware.name, o.topology, o.gb_per_second);
  auto result = result_head("scale_out", step.network, step.recipe);
  result["hardware"] = hardware_section(step.hardware);
  result["run"] = run_section(command_line, step.batch);
  result["links"] = {{"topology", o.topology},
                     {"bytes_per_second", links.bytes_per_second},
                     {"latency_seconds", links.latency_seconds}};
  result["message_bytes"] = message;
  result["gradient_bits"] = o.gradient_bits;
  result["chips"] = o.chips;
  result["step"] = {
      {"batch_per_chip", step.batch},           {"seconds", s.seconds},
      {"one_chip_seconds", chip.seconds},       {"backward_seconds", chip.backward},
      {"reducing_seconds", s.reducing},         {"exposed_seconds", s.exposed},
      {"sent_bytes_per_chip", s.sent_bytes},    {"images_per_second", images / s.seconds},
      {"efficiency", chip.seconds / s.seconds}, {"chip_energy_joules", energy.typical},
      {"chip_energy_joules_low", energy.low},   {"chip_energy_joules_high", energy.high},
      {"memory", sim::memory_json(alone)}};
  result["buckets"] = buckets_json(chip, s, bytes);
  result["weak"] = curve_json(weak);
  result["strong"] = curve_json(strong);
  const auto row = [](const char* what, const std::string& value) {
    fmt::print("  {:<26} {}\n", what, value);
  };
  fmt::print("{}, {} images a chip\n", title, step.batch);
  row("one chip alone", shown(1e3 * chip.seconds, 4) + " ms");
  row("all chips",
      fmt::format("{} ms ({:.0f} images/s)", shown(1e3 * s.seconds, 4), images / s.seconds));
  row("links at work", fmt::format("{} ms, {} ms of it not hidden", shown(1e3 * s.reducing, 4),
                                   shown(1e3 * s.exposed, 3)));
  row("sent by each chip",
      fmt::format("{} MB, {}-bit gradients", shown(1e-6 * s.sent_bytes, 3), o.gradient_bits));
  row("memory of each chip", memory_text(alone));
  row("energy of each chip",
      fmt::format("{} mJ ({} to {}), links not counted", shown(1e3 * energy.typical, 3),
                  shown(1e3 * energy.low, 3), shown(1e3 * energy.high, 3)));
  row("efficiency", fmt::format("{:.1f} %", 100.0 * chip.seconds / s.seconds));
  const sim::EnergyTable table = sim::energy_table_of(step.hardware);
  print_notes(table.notes);
  print_notes(sim::slow_banks(table, step.hardware));
  print_curve("Weak scaling: each chip has the whole batch", weak);
  print_curve("Strong scaling: the batch is shared out", strong);
  const std::string text = json_text(result);
  write_file(folder + "/scale_out.json", text);
  write_file(folder + "/scale_out.svg", picture(title, weak, strong));
  if (!options.json.empty()) write_file(options.json, text);
  fmt::print("\nPicture: {0}/scale_out.svg\nResult: {0}/scale_out.json\n", folder);
  return 0;
}

}  // namespace octet::app
