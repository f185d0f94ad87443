#include "app/baselines.hpp"

#include <fmt/core.h>

#include "app/shown.hpp"

namespace octet::app {
namespace {

const char* sizing_text(const std::string& sizing) {
  if (sizing == "pe_equal") return "PE-equal";
  return sizing == "area_equal" ? "area-equal" : "";
}

std::string with_bars(const sim::Spread& spread, double scale, int digits) {
  return fmt::format("{} ({} to {})", shown(scale * spread.typical, digits),
                     shown(scale * spread.low, digits), shown(scale * spread.high, digits));
}

}  // namespace

void print_baselines(const std::vector<sim::Baseline>& baselines) {
  const sim::StepEstimate& own = *baselines.front().step;
  const int digits = own.joules() < 1.0 ? 2 : 0;
  fmt::print(
      "8 bits against floats, table {}: same clock, lanes, scratchpad bytes and DRAM\n"
      "  {:<21} {:>9} {:>10} {:>10}  {:<34} {:<25} {}\n",
      own.energy_table, "cells", "array", "time ms", "DRAM MB", "energy mJ (low to high)",
      "area mm2 (low to high)", "float / int8: time, DRAM, energy (low to high), area");
  for (const sim::Baseline& b : baselines) {
    const std::string name =
        fmt::format("{} {}", sim::datapath_name(b.datapath), sizing_text(b.sizing));
    const std::string array = b.rows > 0 ? fmt::format("{}x{}", b.rows, b.cols) : "none";
    if (!b.step) {
      fmt::print("  {:<21} {:>9} {}\n", name, array, b.problem);
      continue;
    }
    const sim::AgainstInt8 ratio = against_int8(*b.step, own);
    fmt::print("  {:<21} {:>9} {:>10} {:>10}  {:<34} {:<25} {:.2f}, {:.2f}, {}, {:.2f}{}\n", name,
               array, shown(1e3 * b.step->seconds(), 3),
               shown(1e-6 * static_cast<double>(b.step->stats.total().dram_bytes), 1),
               with_bars(b.step->energy(), 1e3, digits),
               with_bars(total_area(b.step->area), 1.0, 2), ratio.time, ratio.dram_bytes,
               with_bars(ratio.energy, 1.0, 2), ratio.area,
               b.step->fits() ? "" : "; does not fit the memory");
  }
  fmt::print("\n");
}

}  // namespace octet::app
