// Octet's own format of energy tables: docs/energy.md.
#include <filesystem>
#include <mutex>

#include "common/yaml_reader.hpp"
#include "sim/config/dram.hpp"
#include "sim/energy/ert.hpp"
#include "sim/energy/table.hpp"
#include "sim/stats/stats.hpp"

#ifndef OCTET_ENERGY_DIR
#error "OCTET_ENERGY_DIR names the folder of the tables that come with Octet"
#endif

namespace octet::sim {
namespace {

constexpr double kMost = 1e12;
const std::vector<std::string> kAreas{"mac_8x8",  "mac_8x16",       "mac_fp32",  "mac_fp16",
                                      "mac_bf16", "int32_multiply", "int32_add", "fp32_multiply",
                                      "fp32_add", "register_bit",   "placement"};

TableEntry read_entry(YamlMap map) {
  TableEntry entry;
  Spread& v = entry.value;
  v.typical = map.number("typical", 0.0, kMost);
  v.low = map.number("low", 0.0, kMost, v.typical);
  v.high = map.number("high", 0.0, kMost, v.typical);
  if (v.low > v.typical) throw map.error("low", "more than typical", "low <= typical <= high");
  if (v.high < v.typical) throw map.error("high", "less than typical", "low <= typical <= high");
  entry.source = map.text("source");
  map.finish();
  return entry;
}

void read_entries(YamlMap map, const std::vector<std::string>& keys,
                  std::map<std::string, TableEntry>& entries) {
  for (const std::string& key : keys) {
    if (map.has(key)) entries[key] = read_entry(map.map(key));
  }
  map.finish();
}

// The file that `key` names: beside the table that names it, unless it is a path from the root.
std::string beside(YamlMap& map, const std::string& table, const std::string& key) {
  const std::filesystem::path path(map.text(key));
  const auto file = path.is_absolute() ? path : std::filesystem::path(table).parent_path() / path;
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored))
    throw map.error(key, "'" + path.string() + "', no such file", "a file beside the table");
  return file.string();
}

SramTable read_sram(YamlMap map, const std::string& file) {
  SramTable table;
  const std::string points = beside(map, file, "points");
  const long node = map.integer("node_nm", 1, 1000);
  table.points = read_sram_points(points, node);
  if (table.points.empty()) throw map.error("node_nm", std::to_string(node), "a node of " + points);
  table.energy = read_entry(map.map("energy"));
  table.leakage = read_entry(map.map("leakage"));
  table.area = read_entry(map.map("area"));
  if (map.has("cycle")) table.cycle = read_entry(map.map("cycle"));
  if (map.has("second")) {
    for (YamlMap& row : map.maps("second")) {
      SramTable::Second second;
      second.bytes = row.number("bytes", 1.0, kMost);
      second.pj = row.number("pj", 0.0, kMost);
      second.source = row.text("source");
      if (!table.second.empty() && second.bytes <= table.second.back().bytes)
        throw row.error("bytes", "no more than the row before", "ascending capacities");
      row.finish();
      table.second.push_back(second);
    }
  }
  map.finish();
  return table;
}

void read_dram(YamlMap kinds, std::map<std::string, DramEntry>& dram) {
  for (const char* kind : kPricedDrams) {
    if (!kinds.has(kind)) continue;
    YamlMap map = kinds.map(kind);
    DramEntry entry;
    entry.row_bytes = map.number("row_bytes", 1.0, kMost);
    entry.activate_pj = read_entry(map.map("activate_pj"));
    entry.read_pj_per_bit = read_entry(map.map("read_pj_per_bit"));
    entry.write_pj_per_bit = read_entry(map.map("write_pj_per_bit"));
    entry.refresh_pj = read_entry(map.map("refresh_pj"));
    entry.standby_mw = read_entry(map.map("standby_mw"));
    map.finish();
    dram[kind] = entry;
  }
  kinds.finish();
}

EnergyTable read_own(YamlMap top, const std::string& path) {
  EnergyTable table;
  const std::string name = top.text("technology");
  if (top.has("base")) table = find_energy_table(top.choice("base", technologies()));
  table.name = name;
  table.file = path;
  (void)top.text("note", "");
  if (top.has("energy")) {
    std::vector<std::string> keys;
    for (int i = 0; i < kActivities; ++i)
      keys.emplace_back(activity_name(static_cast<Activity>(i)));
    read_entries(top.map("energy"), keys, table.energy);
  }
  if (top.has("leakage")) {
    YamlMap leakage = top.map("leakage");
    table.logic_leakage = read_entry(leakage.map("logic_mw_per_mm2"));
    leakage.finish();
  }
  if (top.has("area")) read_entries(top.map("area"), kAreas, table.area);
  if (top.has("sram")) table.sram = read_sram(top.map("sram"), path);
  if (top.has("dram")) read_dram(top.map("dram"), table.dram);
  if (top.has("dram_file")) {
    YamlMap file = YamlMap::read_file(beside(top, path, "dram_file"));
    read_dram(file.map("kinds"), table.dram);
    file.finish();
  }
  top.finish();
  return table;
}

}  // namespace

const std::vector<std::string>& technologies() {
  static const std::vector<std::string> names{"45nm", "7nm"};
  return names;
}

// Read once in a process: a sweep prices thousands of machines.
EnergyTable find_energy_table(const std::string& technology) {
  static std::mutex guard;
  static std::map<std::string, EnergyTable> tables;
  const std::lock_guard<std::mutex> lock(guard);
  auto found = tables.find(technology);
  if (found == tables.end()) {
    const std::string path = std::string(OCTET_ENERGY_DIR) + "/" + technology + ".yaml";
    found = tables.emplace(technology, read_own(YamlMap::read_file(path), path)).first;
  }
  return found->second;
}

EnergyTable read_energy_table(const std::string& path, const std::string& technology) {
  YamlMap top = YamlMap::read_file(path);
  if (!is_ert(top)) return read_own(top, path);
  EnergyTable table = find_energy_table(technology.empty() ? technologies().front() : technology);
  apply_ert(path, table);
  return table;
}

}  // namespace octet::sim
