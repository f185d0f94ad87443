#include "sim/energy/energy.hpp"

#include "common/yaml_reader.hpp"

namespace octet::sim {
namespace {

constexpr double kJoulesPerPicojoule = 1e-12;

struct Component {
  const char* name;  // of the row
  const char* label;
};
// In the order of Activity; scratchpads are looked up by size instead.
constexpr std::array<Component, kActivities> kComponents{{
    {"mac_8x8", "mac_8x8"},
    {"mac_8x16", "mac_8x16"},
    {"mac_fp32", "mac_fp32"},
    {"int32_multiply", "int32_multiply"},
    {"int32_add", "int32_add"},
    {"fp32_multiply", "fp32_multiply"},
    {"fp32_add", "fp32_add"},
    {"divide_32", "divide_32"},
    {nullptr, "scratchpad_activation"},
    {nullptr, "scratchpad_weight"},
    {nullptr, "scratchpad_accumulator"},
    {"dram", "dram"},
}};

struct SramSize {
  const char* name;
  std::int64_t bytes;
};
constexpr std::array<SramSize, 3> kSramSizes{
    {{"sram_8KiB", 8192}, {"sram_32KiB", 32768}, {"sram_1MiB", 1048576}}};

const EnergyRow& find_row(const EnergyTable& table, const std::string& name) {
  for (const EnergyRow& row : table) {
    if (row.component == name) return row;
  }
  throw input_error("energy table", "components", "no row '" + name + "'", "one");
}

}  // namespace

EnergyTable read_energy_table(const std::string& path) {
  YamlMap top = YamlMap::read_file(path);
  (void)top.text("technology");
  (void)top.text("note", "");
  EnergyTable table;
  for (YamlMap& row : top.maps("components")) {
    EnergyRow entry;
    entry.component = row.text("component");
    entry.value_pj = row.number("value_pj", 0.0, 1e9);
    entry.unit = row.text("unit");
    entry.source = row.text("source");
    row.finish();
    table.push_back(entry);
  }
  top.finish();
  return table;
}

EnergyTable find_energy_table(const std::string& technology) {
  return read_energy_table(std::string(OCTET_ENERGY_DIR) + "/" + technology + ".yaml");
}

EnergyPrices::EnergyPrices(const EnergyTable& table, const Hardware& hw) {
  for (std::size_t i = 0; i < kActivities; ++i) {
    if (kComponents[i].name != nullptr) rows_[i] = find_row(table, kComponents[i].name);
  }
  const auto scratchpad = [&](Activity activity, const Scratchpad& pad) {
    // The smallest listed memory that holds one bank; the largest listed if none does.
    const SramSize* chosen = &kSramSizes.back();
    for (auto size = kSramSizes.rbegin(); size != kSramSizes.rend(); ++size) {
      if (size->bytes >= pad.bank_bytes()) chosen = &*size;
    }
    const auto i = static_cast<std::size_t>(activity);
    rows_[i] = find_row(table, chosen->name);
    rows_[i].component = std::string(kComponents[i].label) + " (" + chosen->name + " banks)";
  };
  scratchpad(Activity::kSramActivation, hw.activation);
  scratchpad(Activity::kSramWeight, hw.weight);
  scratchpad(Activity::kSramAccumulator, hw.accumulator);
}

double EnergyPrices::joules(const Counters& counters) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < kActivities; ++i) {
    sum += static_cast<double>(counters.activity[i]) * rows_[i].value_pj * kJoulesPerPicojoule;
  }
  return sum;
}

}  // namespace octet::sim
