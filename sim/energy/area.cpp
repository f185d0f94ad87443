#include "sim/energy/area.hpp"

#include <fmt/format.h>

#include "common/error.hpp"
#include "sim/energy/sram.hpp"
#include "sim/timing/lane.hpp"

namespace octet::sim {
namespace {

constexpr double kUm2PerMm2 = 1e6;

std::string count(std::int64_t n, const std::string& what) {
  return std::to_string(n) + " " + what;
}

const char* cell_name(const Hardware& hw, Datapath datapath) {
  switch (datapath) {
    case Datapath::kInt8:
      return hw.gradient_datapath == GradientDatapath::kNative ? "mac_8x16" : "mac_8x8";
    case Datapath::kFloat32:
      return "mac_fp32";
    case Datapath::kFloat16:
      return "mac_fp16";
    case Datapath::kBfloat16:
      return "mac_bf16";
  }
  return "";
}

struct Lane {
  Spread um2;
  std::string what;
};

// A lane takes one element a cycle, whatever the command: it holds what the dearest of them needs,
// and its pipeline's registers.
Lane lane_of(const EnergyTable& table, const Hardware& hw, Unit unit, Datapath datapath) {
  Lane lane;
  const auto add = [&](double n, const std::string& key) {
    if (n == 0.0) return;
    lane.um2 += entry_of(table, "area", table.area, key).value * n;
    lane.what += fmt::format("{}{:g} {}", lane.what.empty() ? "" : " + ", n, key);
  };
  const LaneParts parts = lane_parts(unit, datapath != Datapath::kInt8);
  add(parts.multipliers, "int32_multiply");
  add(parts.adders, "int32_add");
  add(parts.fp_multipliers, "fp32_multiply");
  add(parts.fp_adders, "fp32_add");
  add(static_cast<double>(lane_register_bits(hw.vector_depth)), "register_bit");
  return lane;
}

}  // namespace

const TableEntry& entry_of(const EnergyTable& table, const std::string& section,
                           const std::map<std::string, TableEntry>& entries,
                           const std::string& key) {
  const auto found = entries.find(key);
  if (found == entries.end())
    throw input_error(table.file, section + "." + key, "nothing",
                      "low, typical, high, source (or a base: whose numbers stand in)");
  return found->second;
}

const SramTable& sram_of(const EnergyTable& table) {
  if (!table.sram)
    throw input_error(table.file, "sram", "nothing", "points (or a base: whose numbers stand in)");
  return *table.sram;
}

Spread cell_area(const EnergyTable& table, const Hardware& hw, Datapath datapath) {
  const auto entry = [&](const std::string& key) {
    return entry_of(table, "area", table.area, key).value;
  };
  return entry(cell_name(hw, datapath)) +
         entry("register_bit") * static_cast<double>(cell_register_bits(hw, datapath));
}

Spread lane_area(const EnergyTable& table, const Hardware& hw, Unit unit, Datapath datapath) {
  return lane_of(table, hw, unit, datapath).um2;
}

std::vector<AreaPart> area_of(const EnergyTable& table, const Hardware& hw, Datapath datapath) {
  const auto entry = [&](const std::string& key) {
    return entry_of(table, "area", table.area, key).value;
  };
  const Spread placement = entry("placement");
  const auto logic = [&](const Spread& cell, std::int64_t n) {
    return cell * placement * (static_cast<double>(n) / kUm2PerMm2);
  };
  const auto lanes = [&](const char* name, Unit unit, int n) {
    const Lane lane = lane_of(table, hw, unit, datapath);
    return AreaPart{name, logic(lane.um2, n), count(n, "x (" + lane.what + ") x placement")};
  };
  const std::int64_t cells = hw.cells();
  std::vector<AreaPart> parts{
      {"array", logic(cell_area(table, hw, datapath), cells),
       count(cells, std::string("x (") + cell_name(hw, datapath) + " + " +
                        count(cell_register_bits(hw, datapath), "register_bit) x placement"))},
      lanes("vector", Unit::kVector, hw.vector_lanes),
      lanes("range_bn", Unit::kRangeBn, hw.range_bn.lanes),
      lanes("update", Unit::kUpdate, hw.update_lanes)};
  const auto pad = [&](const char* name, const Scratchpad& p) {
    const SramMacro bank =
        sram_macro(sram_of(table), static_cast<double>(p.bank_bytes()), 8.0 * p.width_bytes);
    parts.push_back({name, bank.area_mm2 * static_cast<double>(p.banks),
                     count(p.banks, "banks of " + count(p.bank_bytes(), "bytes, ") +
                                        count(8L * p.width_bytes, "bits"))});
  };
  pad("activation", hw.activation);
  pad("weight", hw.weight);
  pad("accumulator", hw.accumulator);
  return parts;
}

Spread total_area(const std::vector<AreaPart>& parts) {
  Spread sum;
  for (const AreaPart& part : parts) sum += part.mm2;
  return sum;
}

}  // namespace octet::sim
