#include "sim/energy/energy.hpp"

#include "common/error.hpp"
#include "sim/energy/area.hpp"
#include "sim/energy/sram.hpp"

namespace octet::sim {
namespace {

constexpr double kJoulesPerPicojoule = 1e-12;
constexpr double kWordBits = 64.0;  // of a DRAM word as it is counted

// Milliwatts as picojoules of one cycle: mW = 1e9 pJ a second.
double pj_per_cycle(double milliwatts, const Hardware& hw) {
  return milliwatts * 1e9 / static_cast<double>(hw.clock_hz);
}

const DramEntry& dram_entry(const EnergyTable& table, const Hardware& hw) {
  if (hw.dram.prices.empty()) throw Error(hw.dram.unpriced);
  const auto entry = table.dram.find(hw.dram.prices);
  if (entry != table.dram.end()) return entry->second;
  throw input_error(table.file, "dram", "nothing for " + hw.dram.prices,
                    "the kind of " + hw.file + " (or a base: whose numbers stand in)");
}

// Builds the rows of one machine. A number that the table gives for an activity itself wins over
// what would follow from banks, kind of DRAM and area.
class Rows {
 public:
  Rows(const EnergyTable& table, std::array<EnergyRow, kActivities>& rows)
      : table_(table), rows_(rows) {}

  void listed(Activity activity, const std::string& unit) {
    const std::string name = activity_name(activity);
    const TableEntry& entry = entry_of(table_, "energy", table_.energy, name);
    set(activity, {name, entry.value, unit, entry.source});
  }

  void follows(Activity activity, const Spread& pj, const std::string& unit,
               const std::string& source) {
    const auto own = table_.energy.find(activity_name(activity));
    if (own != table_.energy.end()) return listed(activity, unit);
    set(activity, {activity_name(activity), pj, unit, source});
  }

 private:
  void set(Activity activity, EnergyRow row) {
    rows_[static_cast<std::size_t>(activity)] = std::move(row);
  }
  const EnergyTable& table_;
  std::array<EnergyRow, kActivities>& rows_;
};

void price_scratchpad(Rows& rows, const SramTable& sram, const Scratchpad& pad, const Hardware& hw,
                      Activity read, Activity write, Activity leak) {
  const SramMacro bank =
      sram_macro(sram, static_cast<double>(pad.bank_bytes()), 8.0 * pad.width_bytes);
  const std::string what = std::to_string(pad.bank_bytes()) + " bytes x " +
                           std::to_string(8 * pad.width_bytes) + " bits a bank: ";
  const std::string unit = std::to_string(8 * pad.width_bytes) + "-bit access";
  rows.follows(read, bank.read_pj, unit, what + sram.energy.source);
  rows.follows(write, bank.write_pj, unit, what + sram.energy.source);
  rows.follows(leak, bank.leakage_mw * pj_per_cycle(pad.banks, hw), "cycle",
               std::to_string(pad.banks) + " banks of " + what + sram.leakage.source);
}

void price_dram(Rows& rows, const EnergyTable& table, const Hardware& hw) {
  const std::string& kind = hw.dram.prices;
  const DramEntry& dram = dram_entry(table, hw);
  const int ranks = hw.dram.channels * hw.dram.ranks;
  // Devices side by side in a rank, against the channel of one rank in the table.
  const double devices = static_cast<double>(hw.dram.row_bytes) / dram.row_bytes;
  const auto source = [&](const TableEntry& entry) { return kind + ": " + entry.source; };
  rows.follows(Activity::kDramRead, dram.read_pj_per_bit.value * kWordBits, "64-bit word",
               source(dram.read_pj_per_bit));
  rows.follows(Activity::kDramWrite, dram.write_pj_per_bit.value * kWordBits, "64-bit word",
               source(dram.write_pj_per_bit));
  rows.follows(Activity::kDramActivate, dram.activate_pj.value * devices, "row of a rank",
               source(dram.activate_pj));
  rows.follows(Activity::kDramRefresh, dram.refresh_pj.value * devices, "refresh of a rank",
               source(dram.refresh_pj));
  rows.follows(Activity::kDramStandby, dram.standby_mw.value * (devices * pj_per_cycle(ranks, hw)),
               "cycle", std::to_string(ranks) + " ranks of " + source(dram.standby_mw));
}

void price_leakage(Rows& rows, const EnergyTable& table, const Hardware& hw, Datapath datapath) {
  if (!table.logic_leakage)
    throw input_error(table.file, "leakage.logic_mw_per_mm2", "nothing",
                      "low, typical, high, source (or a base: whose numbers stand in)");
  // Of the area as laid out: what the cells leak spread over what they take. Both are uncertain in
  // the same direction, so low goes with low.
  Spread array, units;
  for (const AreaPart& part : area_of(table, hw, datapath)) {
    if (part.part == "array") array += part.mm2;
    if (part.part == "vector" || part.part == "range_bn" || part.part == "update")
      units += part.mm2;
  }
  const Spread density = table.logic_leakage->value * pj_per_cycle(1.0, hw);
  const std::string source = "mm2 x logic_mw_per_mm2: " + table.logic_leakage->source;
  if (table.cell_leakage) {
    rows.follows(Activity::kLeakArray, table.cell_leakage->value * static_cast<double>(hw.cells()),
                 "cycle", std::to_string(hw.cells()) + " cells x " + table.cell_leakage->source);
  } else {
    rows.follows(Activity::kLeakArray, array * density, "cycle", source);
  }
  rows.follows(Activity::kLeakUnits, units * density, "cycle", source);
}

}  // namespace

EnergyTable energy_table_of(const Hardware& hw) {
  return hw.energy_file.empty() ? find_energy_table(hw.technology)
                                : read_energy_table(hw.energy_file, hw.technology);
}

EnergyPrices::EnergyPrices(const EnergyTable& table, const Hardware& hw, Datapath datapath) {
  Rows rows(table, rows_);
  for (const Activity mac : {Activity::kMac8x8, Activity::kMac8x16, Activity::kMacFp32,
                             Activity::kMacFp16, Activity::kMacBf16}) {
    rows.listed(mac, "multiply-accumulate");
  }
  for (const Activity operation :
       {Activity::kInt32Multiply, Activity::kInt32Add, Activity::kFp32Multiply, Activity::kFp32Add,
        Activity::kDivide}) {
    rows.listed(operation, "operation");
  }
  rows.listed(Activity::kClock, "register bit x cycle");
  const SramTable& sram = sram_of(table);
  price_scratchpad(rows, sram, hw.activation, hw, Activity::kSramActivationRead,
                   Activity::kSramActivationWrite, Activity::kLeakActivation);
  price_scratchpad(rows, sram, hw.weight, hw, Activity::kSramWeightRead, Activity::kSramWeightWrite,
                   Activity::kLeakWeight);
  price_scratchpad(rows, sram, hw.accumulator, hw, Activity::kSramAccumulatorRead,
                   Activity::kSramAccumulatorWrite, Activity::kLeakAccumulator);
  price_dram(rows, table, hw);
  price_leakage(rows, table, hw, datapath);
}

Spread EnergyPrices::joules(const Counters& counters) const {
  Spread sum;
  for (std::size_t i = 0; i < kActivities; ++i) {
    sum += rows_[i].pj * (static_cast<double>(counters.activity[i]) * kJoulesPerPicojoule);
  }
  return sum;
}

}  // namespace octet::sim
