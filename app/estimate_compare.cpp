// octet estimate --compare A.yaml B.yaml: what differs between two machines, and why.
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "app/estimate_modes.hpp"
#include "app/result.hpp"
#include "app/shown.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "sim/program/lower.hpp"
#include "sim/program/lower_gemm.hpp"
#include "sim/views/compare_picture.hpp"

namespace octet::app {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kPrintedParts = 20;

sim::ComparedSide run_side(const sim::Hardware& hardware, const sim::Program& program) {
  sim::MachineRun run;
  sim::ComparedSide side{hardware, sim::estimate_program(program, hardware, &run), {}};
  side.causes = sim::causes_of(program, run.intervals, hardware);
  return side;
}

constexpr const char* kKindFields = "dram_kind.";

// The fields in which the two machines differ, those of objects as outer.inner.
void add_changed(ordered_json& changed, const std::string& path, const ordered_json& a,
                 const ordered_json& b) {
  for (const auto& [field, value] : a.items()) {
    if (value.is_object()) {
      add_changed(changed, path + field + ".", value, b[field]);
    } else if (field != "name" && value != b[field]) {
      changed.push_back({{"field", path + field}, {"a", value}, {"b", b[field]}});
    }
  }
}

// Of two kinds of memory the name says enough.
void print_changed(const ordered_json& changed) {
  const bool other_kind = std::any_of(changed.begin(), changed.end(),
                                      [](const auto& row) { return row["field"] == "dram"; });
  for (const auto& row : changed) {
    const std::string field = row["field"];
    if (other_kind && field.starts_with(kKindFields)) continue;
    fmt::print("  {:<36} {} -> {}\n", field, row["a"].dump(), row["b"].dump());
  }
}

std::string ratio(double a, double b) { return a > 0.0 ? fmt::format("{:.3f}", b / a) : "-"; }

void print_sums(const std::string& title, const ordered_json& rows, const char* name) {
  fmt::print("{}\n  {:<18} {:>12} {:>12} {:>12} {:>7}  {:>10} {:>10}  {:>29} {:>29}\n", title, "",
             "A ms", "B ms", "B-A ms", "B/A", "A DRAM MB", "B DRAM MB", "A mJ (low to high)",
             "B mJ (low to high)");
  for (const auto& row : rows) {
    const auto get = [&](const char* field, const char* side, double scale) {
      return scale * row[field][side].get<double>();
    };
    const auto joules = [&](const char* side) {
      return fmt::format("{} ({} to {})", shown(get("energy_joules", side, 1e3), 3),
                         shown(get("energy_joules_low", side, 1e3), 3),
                         shown(get("energy_joules_high", side, 1e3), 3));
    };
    const double a = get("seconds", "a", 1e3);
    const double b = get("seconds", "b", 1e3);
    fmt::print("  {:<18} {:>12} {:>12} {:>+12.4f} {:>7}  {:>10} {:>10}  {:>29} {:>29}\n",
               row[name].get<std::string>(), shown(a, 4), shown(b, 4), b - a, ratio(a, b),
               shown(get("dram_bytes", "a", 1e-6), 2), shown(get("dram_bytes", "b", 1e-6), 2),
               joules("a"), joules("b"));
  }
}

void print_traffic(const ordered_json& rows) {
  fmt::print("Traffic by tensor, MB\n  {:<18} {:>10} {:>10} {:>10} {:>10}\n", "", "A read",
             "B read", "A written", "B written");
  for (const auto& row : rows) {
    const auto mb = [&](const char* field, const char* side) {
      return 1e-6 * row[field][side].get<double>();
    };
    fmt::print("  {:<18} {:>10.2f} {:>10.2f} {:>10.2f} {:>10.2f}\n",
               row["tensor"].get<std::string>(), mb("read_bytes", "a"), mb("read_bytes", "b"),
               mb("write_bytes", "a"), mb("write_bytes", "b"));
  }
}

void print_parts(const sim::ComparedSide& a, const sim::ComparedSide& b) {
  fmt::print("Largest differences\n  {:<34} {:>10} {:>10} {:>11}  {:<27} {:<27} {}\n",
             "layer, phase", "A ms", "B ms", "B-A ms", "bound in A", "bound in B", "cause");
  const auto parts = sim::compare_parts(a, b);
  for (std::size_t i = 0; i < std::min(parts.size(), kPrintedParts); ++i) {
    const sim::ComparedPart& p = parts[i];
    fmt::print("  {:<34} {:>10.4f} {:>10.4f} {:>+11.4f}  {:<27} {:<27} {} {:+.4f} ms\n",
               p.layer + ", " + sim::phase_name(p.phase), 1e3 * p.seconds[0], 1e3 * p.seconds[1],
               1e3 * p.difference(), sim::bound_text(p.causes[0]), sim::bound_text(p.causes[1]),
               sim::cause_name(p.cause), 1e3 * p.cause_seconds);
  }
  if (parts.size() > kPrintedParts)
    fmt::print("  and {} smaller ones: --json has all\n", parts.size() - kPrintedParts);
}

void print(const sim::ComparedSide& a, const sim::ComparedSide& b, const ordered_json& result) {
  const auto name = [](const char* side, const sim::Hardware& hw) {
    fmt::print("  {}: {} ({})\n", side, hw.name, hw.file);
  };
  name("A", a.hardware);
  name("B", b.hardware);
  print_changed(result["changed"]);
  ordered_json total = result["total"];
  total["what"] = "step";
  print_sums("Total", ordered_json::array({total}), "what");
  fmt::print("  memory: A {}, B {}\n", memory_text(a.estimate), memory_text(b.estimate));
  fmt::print("  MAC array utilisation: A {:.1f} %, B {:.1f} %\n",
             100.0 * total["utilisation"]["a"].get<double>(),
             100.0 * total["utilisation"]["b"].get<double>());
  print_sums("By phase", result["phases"], "phase");
  print_sums("By unit", result["units"], "unit");
  print_traffic(result["traffic"]);
  print_parts(a, b);
  for (const sim::ComparedSide* side : {&a, &b}) {
    if (side == &b && b.estimate.notes == a.estimate.notes) break;
    if (!side->estimate.notes.empty()) fmt::print("Notes on {}\n", side == &a ? "A" : "B");
    print_notes(side->estimate.notes);
  }
}

}  // namespace

void add_compare_options(CLI::App& command, EstimateOptions& options) {
  CLI::Option* compare =
      command
          .add_option("--compare", options.compare,
                      "two machines, names or files: what differs, by layer, phase, unit and "
                      "tensor, and why")
          ->expected(2)
          ->type_name("A B");
  for (const char* other : {"--hardware", "--trace", "--vcd", "--reference"})
    compare->excludes(command.get_option(other));
}

int estimate_compare(const EstimateOptions& options, const std::string& command_line) {
  std::array<sim::Hardware, 2> hardware;
  std::array<sim::Program, 2> programs;
  ordered_json result{{"schema_version", 1}, {"octet_version", OCTET_VERSION}, {"kind", "compare"}};
  std::string title;
  int batch = 1;
  prepare_file(options.json);
  for (const std::size_t side : {0, 1}) {
    if (options.gemm.empty()) {
      StepOptions step = options.step;
      step.hardware = options.compare[side];
      const Step resolved = resolve(step);
      batch = resolved.batch;
      hardware[side] = with_tables(sim::machine_for(resolved.recipe, resolved.hardware), options);
      programs[side] = sim::lower(resolved.network, resolved.recipe, hardware[side], batch, false,
                                  sim::MappingStrategy::kSearch, resolved.scope);
      result.update(result_head("compare", resolved.network, resolved.recipe));
      if (resolved.scope != sim::Scope::kStep) result["scope"] = sim::scope_name(resolved.scope);
      title = fmt::format("{}, recipe {}, batch {}{}", resolved.network.name, resolved.recipe.name,
                          batch, scope_text(resolved.scope));
    } else {
      GemmStep gemm = gemm_step(options, options.compare[side]);
      hardware[side] = gemm.hardware;
      programs[side] = sim::lower_gemm(gemm.problem, gemm.hardware);
      title = fmt::format("product {}, {}", options.gemm, gemm.operands);
    }
  }
  const sim::ComparedSide a = run_side(hardware[0], programs[0]);
  const sim::ComparedSide b = run_side(hardware[1], programs[1]);
  result["run"] = run_section(command_line, batch);
  result["memory"] = {{"a", sim::memory_json(a.estimate)}, {"b", sim::memory_json(b.estimate)}};
  result["a"] = hardware_section(a.hardware);
  result["b"] = hardware_section(b.hardware);
  result["changed"] = ordered_json::array();
  add_changed(result["changed"], "", result["a"], result["b"]);
  result.update(sim::compare_json(a, b));
  title += fmt::format(": A {}, B {}", a.hardware.name, b.hardware.name);
  fmt::print("{}\n", title);
  print(a, b, result);
  const std::string text = json_text(result);
  if (!options.json.empty()) write_file(options.json, text);
  if (!options.gemm.empty()) return 0;
  const std::string folder = prepare_folder(
      options.out.empty() ? default_folder(fmt::format("{}-{}-{}-compare", programs[0].network,
                                                       a.hardware.name, b.hardware.name))
                          : options.out);
  write_file(folder + "/compare.json", text);
  write_file(folder + "/compare.svg", sim::compare_picture(a, b, title));
  fmt::print("\nPicture: {0}/compare.svg\nResult: {0}/compare.json\n", folder);
  return 0;
}

}  // namespace octet::app
