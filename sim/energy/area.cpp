#include "sim/energy/area.hpp"

#include "common/error.hpp"
#include "sim/energy/sram.hpp"

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

std::vector<AreaPart> area_of(const EnergyTable& table, const Hardware& hw, Datapath datapath) {
  const auto entry = [&](const std::string& key) {
    return entry_of(table, "area", table.area, key).value;
  };
  const bool floating = datapath != Datapath::kInt8;
  const Spread placement = entry("placement");
  const auto logic = [&](const Spread& cell, std::int64_t n) {
    return cell * placement * (static_cast<double>(n) / kUm2PerMm2);
  };
  // A lane works on one element a cycle: a multiplier, two adders, its pipeline's registers.
  const Spread registers =
      entry("register_bit") * static_cast<double>(lane_register_bits(hw.vector_depth));
  const Spread integer = entry("int32_multiply") + entry("int32_add") * 2.0 + registers;
  const Spread real = entry("fp32_multiply") + entry("fp32_add") * 2.0 + registers;
  const std::string bits = std::to_string(lane_register_bits(hw.vector_depth));
  const std::string integer_what =
      "x (int32_multiply + 2 int32_add + " + bits + " register_bit) x placement";
  const std::string real_what =
      "x (fp32_multiply + 2 fp32_add + " + bits + " register_bit) x placement";
  const Spread& lane = floating ? real : integer;
  const std::string& lane_what = floating ? real_what : integer_what;
  const std::int64_t cells = hw.cells();
  std::vector<AreaPart> parts{
      {"array", logic(cell_area(table, hw, datapath), cells),
       count(cells, std::string("x (") + cell_name(hw, datapath) + " + " +
                        count(cell_register_bits(hw, datapath), "register_bit) x placement"))},
      {"vector", logic(lane, hw.vector_lanes), count(hw.vector_lanes, lane_what)},
      {"range_bn", logic(lane, hw.range_bn.lanes), count(hw.range_bn.lanes, lane_what)},
      {"update", logic(real, hw.update_lanes), count(hw.update_lanes, real_what)}};
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
