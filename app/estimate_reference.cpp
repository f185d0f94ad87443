// octet estimate --reference scale-sim: what that tool reports for the same products.
#include <fmt/core.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <vector>

#include "app/estimate_modes.hpp"
#include "app/result.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "sim/reference/training_gemms.hpp"

namespace octet::app {
namespace {

using nlohmann::ordered_json;
using sim::scale_sim::Dataflow;
using sim::scale_sim::TrainingGemm;

struct Array {
  std::int64_t rows = 0, cols = 0;
};

Array parse_array(const std::string& text) {
  constexpr std::int64_t kMost = 1 << 20;
  Array array;
  const char* const end = text.data() + text.size();
  const auto [x, first] = std::from_chars(text.data(), end, array.rows);
  const bool split = first == std::errc() && x != end && *x == 'x';
  const auto [stop, second] = std::from_chars(split ? x + 1 : end, end, array.cols);
  if (!split || second != std::errc() || stop != end || array.rows < 1 || array.cols < 1 ||
      array.rows > kMost || array.cols > kMost) {
    throw usage_error("--array", "'" + text + "'",
                      fmt::format("ROWSxCOLS, each from 1 to {}, such as 32x32", kMost));
  }
  return array;
}

std::vector<TrainingGemm> products(const EstimateOptions& options) {
  if (!options.gemm.empty()) {
    const GemmText g = parse_gemm(options.gemm);
    return {{"gemm", "gemm", 1, {g.m, g.n, g.k}}};
  }
  const auto network = workloads::find_network(options.step.workload);
  const int batch = options.step.batch > 0 ? options.step.batch : 1;
  return sim::scale_sim::training_gemms(network, batch, options.unpadded);
}

constexpr const char* kPlace = "--reference";

std::int64_t plus(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum))
    throw usage_error(kPlace, "a sum of cycles", "fewer than 2^63 cycles");
  return sum;
}

// Cycles by dataflow, of one product or of all.
using Cycles = std::array<std::int64_t, sim::scale_sim::kDataflows>;

struct Table {
  std::vector<Dataflow> flows;  // those that were asked for
  std::vector<TrainingGemm> gemms;
  std::vector<Cycles> cycles;  // of all groups
  std::vector<Dataflow> best;
  Cycles total{};
  std::int64_t best_total = 0;
};

Table make_table(const EstimateOptions& options, const Array& array) {
  Table table;
  for (int i = 0; i < sim::scale_sim::kDataflows; ++i) {
    const auto flow = static_cast<Dataflow>(i);
    if (options.dataflow.empty() || options.dataflow == short_name(flow))
      table.flows.push_back(flow);
  }
  table.gemms = products(options);
  for (const TrainingGemm& g : table.gemms) {
    Cycles cycles{};
    Dataflow best = table.flows.front();
    for (const Dataflow flow : table.flows) {
      const auto f = static_cast<std::size_t>(flow);
      // Each group is a run of its own there, with its own off-by-one.
      if (__builtin_mul_overflow(
              sim::scale_sim::compute_cycles(g.gemm, array.rows, array.cols, flow), g.groups,
              &cycles[f]))
        throw usage_error(kPlace, "a sum of cycles", "fewer than 2^63 cycles");
      table.total[f] = plus(table.total[f], cycles[f]);
      if (cycles[f] < cycles[static_cast<std::size_t>(best)]) best = flow;
    }
    table.best_total = plus(table.best_total, cycles[static_cast<std::size_t>(best)]);
    table.cycles.push_back(cycles);
    table.best.push_back(best);
  }
  return table;
}

void print(const Table& table, const Array& array) {
  fmt::print("Compute cycles as SCALE-Sim v2 reports them, {}x{} array, ideal memory\n", array.rows,
             array.cols);
  fmt::print("  {:<18} {:<16} {:>7} {:>12} {:>9} {:>12}", "layer", "product", "groups", "M", "N",
             "K");
  for (const Dataflow flow : table.flows) fmt::print(" {:>16}", short_name(flow));
  const auto print_cycles = [&](const Cycles& cycles) {
    for (const Dataflow flow : table.flows)
      fmt::print(" {:>16}", cycles[static_cast<std::size_t>(flow)]);
  };
  for (std::size_t i = 0; i < table.gemms.size(); ++i) {
    const TrainingGemm& g = table.gemms[i];
    fmt::print("\n  {:<18} {:<16} {:>7} {:>12} {:>9} {:>12}", g.layer, g.phase, g.groups, g.gemm.m,
               g.gemm.n, g.gemm.k);
    print_cycles(table.cycles[i]);
  }
  fmt::print("\n  {:<79}", "sum");
  print_cycles(table.total);
  fmt::print("\n  {:<79} {:>16}\n", "sum of the best of each", table.best_total);
}

ordered_json to_json(const Table& table, const Array& array) {
  const auto cycles_json = [&](const Cycles& cycles) {
    ordered_json out;
    for (const Dataflow flow : table.flows)
      out[short_name(flow)] = cycles[static_cast<std::size_t>(flow)];
    return out;
  };
  ordered_json rows = ordered_json::array();
  for (std::size_t i = 0; i < table.gemms.size(); ++i) {
    const TrainingGemm& g = table.gemms[i];
    rows.push_back({{"layer", g.layer},
                    {"phase", g.phase},
                    {"groups", g.groups},
                    {"m", g.gemm.m},
                    {"n", g.gemm.n},
                    {"k", g.gemm.k},
                    {"cycles", cycles_json(table.cycles[i])},
                    {"best", short_name(table.best[i])}});
  }
  ordered_json total = cycles_json(table.total);
  total["best_of_each"] = table.best_total;
  return {{"schema_version", 1},
          {"octet_version", OCTET_VERSION},
          {"kind", "reference"},
          {"reference", "SCALE-Sim v2, compute cycles"},
          {"array", {{"rows", array.rows}, {"cols", array.cols}}},
          {"gemms", rows},
          {"total", total}};
}

}  // namespace

void add_reference_options(CLI::App& command, EstimateOptions& options) {
  CLI::Option* reference =
      command
          .add_option("--reference", options.reference,
                      "compute cycles as another tool reports them: scale-sim (version 2)")
          ->check(CLI::IsMember({"scale-sim"}));
  for (const char* other : {"--recipe", "--set", "--out", "--operands", "--trace", "--vcd"}) {
    reference->excludes(command.get_option(other));
  }
  command
      .add_option("--array", options.array,
                  "of --reference: processing elements (default: the hardware file's)")
      ->type_name("ROWSxCOLS")
      ->needs(reference);
  command
      .add_option("--dataflow", options.dataflow,
                  "of --reference: os, ws or is only (output, weight, input stationary)")
      ->check(CLI::IsMember({"os", "ws", "is"}))
      ->needs(reference);
  command
      .add_flag("--unpadded", options.unpadded,
                "of --reference: convolutions without padding, as SCALE-Sim's own files have them")
      ->needs(reference);
}

int estimate_reference(const EstimateOptions& options) {
  Array array;
  if (options.array.empty()) {
    const sim::Hardware hardware =
        sim::find_hardware(options.step.hardware, options.step.set_hardware);
    array = {hardware.rows, hardware.cols};
  } else {
    array = parse_array(options.array);
  }
  prepare_file(options.json);
  const Table table = make_table(options, array);
  print(table, array);
  if (!options.json.empty()) write_file(options.json, json_text(to_json(table, array)));
  return 0;
}

}  // namespace octet::app
