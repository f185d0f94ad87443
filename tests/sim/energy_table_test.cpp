// Energy tables in Octet's format: what they say, and what is refused.
#include <cmath>
#include <sstream>

#include "common/error.hpp"
#include "sim/energy/area.hpp"
#include "sim/energy/energy.hpp"
#include "sim/timing/lane.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/common/temp_dir.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

using testing::expect_error_with;
using testing::TempDir;

void expect_ordered(const TableEntry& entry, const std::string& what) {
  EXPECT_LE(entry.value.low, entry.value.typical) << what;
  EXPECT_LE(entry.value.typical, entry.value.high) << what;
  EXPECT_GT(entry.value.typical, 0.0) << what;
  EXPECT_FALSE(entry.source.empty()) << what;
}

TEST(EnergyTable, EveryShippedNumberHasBarsAndASource) {
  for (const std::string& technology : technologies()) {
    const EnergyTable table = find_energy_table(technology);
    EXPECT_EQ(table.name, technology);
    for (const auto& [key, entry] : table.energy) expect_ordered(entry, key);
    for (const auto& [key, entry] : table.area) expect_ordered(entry, key);
    ASSERT_TRUE(table.logic_leakage && table.sram);
    expect_ordered(*table.logic_leakage, "leakage");
    expect_ordered(table.sram->energy, "sram.energy");
    expect_ordered(table.sram->leakage, "sram.leakage");
    expect_ordered(table.sram->area, "sram.area");
    expect_ordered(table.sram->cycle, "sram.cycle");
    EXPECT_EQ(table.dram.size(), 4U);
    for (const auto& [kind, dram] : table.dram) {
      for (const TableEntry* entry : {&dram.activate_pj, &dram.read_pj_per_bit,
                                      &dram.write_pj_per_bit, &dram.refresh_pj, &dram.standby_mw}) {
        expect_ordered(*entry, kind);
      }
    }
  }
}

TEST(EnergyTable, PublishedNumbers) {
  const EnergyTable old = find_energy_table("45nm");
  EXPECT_DOUBLE_EQ(old.energy.at("mac_8x8").value.typical, 0.3);   // Horowitz 0.2 + 0.1
  EXPECT_DOUBLE_EQ(old.energy.at("mac_fp32").value.typical, 4.6);  // 3.7 + 0.9
  EXPECT_DOUBLE_EQ(old.energy.at("mac_8x8").value.high, 1.0);      // Aladdin, a quarter of 4 x
  const EnergyTable fine = find_energy_table("7nm");
  EXPECT_DOUBLE_EQ(fine.energy.at("mac_8x8").value.typical, 0.1);  // Jouppi 0.07 + 0.03
  EXPECT_DOUBLE_EQ(fine.energy.at("fp32_multiply").value.typical, 1.31);
}

TEST(EnergyTable, DramByKind) {
  HardwareText text;
  const EnergyTable table = find_energy_table("45nm");
  const EnergyPrices ddr4(table, text.read());
  text.kind = "HBM2";
  text.channels = 4;
  const EnergyPrices hbm2(table, text.read());
  EXPECT_NEAR(ddr4.row(Activity::kDramRead).pj.typical, 64 * 10.3, 1e-9);
  EXPECT_NEAR(hbm2.row(Activity::kDramRead).pj.typical, 64 * 3.48, 1e-9);
  // Four channels of 66 mW at 500 MHz: 264 mW x 2 ns.
  EXPECT_NEAR(hbm2.row(Activity::kDramStandby).pj.typical, 528.0, 1e-9);
  // One channel of the table is one of the machine: the rows are as long.
  EXPECT_NEAR(hbm2.row(Activity::kDramActivate).pj.typical, 1818.0, 1e-9);
  EXPECT_NEAR(ddr4.row(Activity::kDramActivate).pj.typical, 3350.0, 1e-9);
  Hardware wide = text.read();
  wide.dram.row_bytes *= 2;  // two devices side by side in each channel
  EXPECT_NEAR(EnergyPrices(table, wide).row(Activity::kDramActivate).pj.typical, 3636.0, 1e-9);
}

// What a full sequential read of one channel takes in all, pJ a bit: the bits, a row opened now and
// then, refresh, standby.
Spread stream(const std::string& kind, double gigabits, double refresh_ns) {
  const DramEntry dram = find_energy_table("45nm").dram.at(kind);
  return dram.read_pj_per_bit.value + dram.activate_pj.value * (1.0 / (8.0 * dram.row_bytes)) +
         dram.refresh_pj.value * (1.0 / (refresh_ns * gigabits)) +
         dram.standby_mw.value * (1.0 / gigabits);
}

TEST(EnergyTable, StreamsMeetPublishedTotals) {
  const Spread hbm2 = stream("HBM2", 256.0, 3900.0);
  EXPECT_NEAR(hbm2.typical, 3.92, 0.04);  // O'Connor, MICRO 2017
  EXPECT_NEAR(hbm2.low, 1.96, 0.12);      // DRAMsim3's currents
  EXPECT_NEAR(hbm2.high, 7.0, 0.2);       // Jouppi, ISCA 2021
  const Spread ddr4 = stream("DDR4", 153.6, 7800.0);
  EXPECT_NEAR(ddr4.high, 20.3, 0.6);  // Jouppi
  EXPECT_NEAR(ddr4.typical, 13.6, 0.1);
  EXPECT_NEAR(stream("LPDDR4", 38.4, 3900.0).typical, 8.0, 0.15);  // Accelergy
  const Spread gddr6 = stream("GDDR6", 224.0, 1900.0);
  EXPECT_GT(gddr6.low, 5.0);  // Jouppi: 5.5 to 7.5
  EXPECT_NEAR(gddr6.typical, 6.2, 0.1);
  EXPECT_NEAR(gddr6.high, 7.5, 0.3);
}

TEST(EnergyTable, LeakageIsPowerOverTheClock) {
  const Hardware hw = HardwareText().read();  // 8 x 8 native at 500 MHz
  const EnergyTable table = find_energy_table("45nm");
  const EnergyPrices prices(table, hw);
  // 64 x (804 + 80 x 5.98) um2 x 1.3 = 0.1067..., at 12.4 mW a mm2, for 2 ns
  const double mm2 = 64 * (804 + 80 * 5.98) * 1.3e-6;
  EXPECT_NEAR(prices.row(Activity::kLeakArray).pj.typical, mm2 * 12.4 * 2.0, 1e-9);
  Hardware slow = hw;
  slow.clock_hz /= 2;
  EXPECT_NEAR(EnergyPrices(table, slow).row(Activity::kLeakArray).pj.typical,
              2.0 * prices.row(Activity::kLeakArray).pj.typical, 1e-9);
}

TEST(EnergyTable, AreaOfThePartsAddsUp) {
  const EnergyTable table = find_energy_table("45nm");
  for (const Datapath datapath :
       {Datapath::kInt8, Datapath::kFloat32, Datapath::kFloat16, Datapath::kBfloat16}) {
    const auto parts = area_of(table, find_hardware("base"), datapath);
    EXPECT_EQ(parts.size(), 7U);
    const Spread total = total_area(parts);
    double sum = 0.0;
    for (const AreaPart& part : parts) {
      EXPECT_LE(part.mm2.low, part.mm2.typical) << part.part;
      EXPECT_LE(part.mm2.typical, part.mm2.high) << part.part;
      sum += part.mm2.typical;
    }
    EXPECT_DOUBLE_EQ(total.typical, sum);
  }
  // Integer cells: 1024 x (804 + 80 x 5.98) x 1.3
  EXPECT_NEAR(area_of(table, find_hardware("base"), Datapath::kInt8)[0].mm2.typical, 1.707131,
              1e-5);
}

// "1,282": as the manual writes a figure.
std::string thousands(double value) {
  const long long whole = std::llround(value);
  if (whole < 1000) return std::to_string(whole);
  return std::to_string(whole / 1000) + "," + std::to_string(1000 + whole % 1000).substr(1);
}

TEST(EnergyTable, TheManualHasTheAreasOfTheTool) {
  std::ifstream in(std::string(OCTET_SOURCE_DIR) + "/docs/energy.md");
  const std::string manual{std::istreambuf_iterator<char>(in), {}};
  const EnergyTable table = find_energy_table("45nm");
  Hardware hw = find_hardware("base");
  ASSERT_EQ(hw.vector_depth, 8);
  const auto cell = [&](Datapath datapath) {
    return thousands(cell_area(table, hw, datapath).typical);
  };
  ASSERT_EQ(hw.gradient_datapath, GradientDatapath::kNative);
  std::string cells = "8x16 " + cell(Datapath::kInt8);
  hw.gradient_datapath = GradientDatapath::kTwoPass;
  cells += ", 8x8 " + cell(Datapath::kInt8) + ", float32 " + cell(Datapath::kFloat32) +
           ", float16 " + cell(Datapath::kFloat16) + ", bfloat16 " + cell(Datapath::kBfloat16);
  EXPECT_NE(manual.find(cells), std::string::npos) << cells;
  for (const auto& [name, unit, datapath] :
       {std::tuple{"vector", Unit::kVector, Datapath::kInt8},
        {"Range BN", Unit::kRangeBn, Datapath::kInt8},
        {"update", Unit::kUpdate, Datapath::kInt8},
        {"vector, float cells", Unit::kVector, Datapath::kFloat16},
        {"Range BN, float cells", Unit::kRangeBn, Datapath::kFloat32}}) {
    const LaneParts lane = lane_parts(unit, datapath != Datapath::kInt8);
    std::ostringstream row;
    row << "| " << name << " | " << lane.multipliers << " | " << lane.adders << " | "
        << lane.fp_multipliers << " | " << lane.fp_adders << " | "
        << thousands(lane_area(table, hw, unit, datapath).typical) << " |";
    EXPECT_NE(manual.find(row.str()), std::string::npos) << row.str();
  }
}

// A table of one's own over one that comes with Octet.
constexpr const char* kOwn =
    "technology: mine\nbase: 45nm\nenergy:\n"
    "  mac_8x8: {low: 0.4, typical: 0.5, high: 0.6, source: lab}\n"
    "  sram_weight_read: {typical: 7, source: compiler}\n";

TEST(EnergyTable, OwnNumbersWinOverTheBase) {
  const TempDir folder;
  Hardware hw = find_hardware("base");
  hw.energy_file = folder.write("mine.yaml", kOwn);
  const EnergyTable table = energy_table_of(hw);
  EXPECT_EQ(table.name, "mine");
  const EnergyPrices prices(table, hw);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kMac8x8).pj.low, 0.4);
  EXPECT_EQ(prices.row(Activity::kMac8x8).source, "lab");
  // Without bars of its own a number has none.
  EXPECT_DOUBLE_EQ(prices.row(Activity::kSramWeightRead).pj.low, 7.0);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kSramWeightRead).pj.high, 7.0);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kMacFp32).pj.typical, 4.6);  // of the base
}

TEST(EnergyTable, AWholeTableNeedsNoBase) {
  const TempDir folder;
  std::ifstream in(std::string(OCTET_SOURCE_DIR) + "/sim/energy/7nm.yaml");
  const std::string shipped{std::istreambuf_iterator<char>(in), {}};
  std::string text = shipped;
  const std::string here = std::string(OCTET_SOURCE_DIR) + "/sim/energy/";
  for (const std::string name : {"sram_cacti7.csv", "dram.yaml"}) {
    text.replace(text.find(": " + name) + 2, name.size(), here + name);
  }
  const EnergyTable table = read_energy_table(folder.write("whole.yaml", text));
  EXPECT_EQ(table.energy.size(), find_energy_table("7nm").energy.size());
}

std::string edited(const std::string& from, const std::string& to) {
  std::string text = kOwn;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST(EnergyTable, Refusals) {
  const TempDir folder;
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    const std::string file = folder.write("bad.yaml", text);
    std::vector<std::string> all{file, "found ", "expected "};
    all.insert(all.end(), words.begin(), words.end());
    expect_error_with([&] { (void)read_energy_table(file); }, all);
  };
  refused(edited("typical: 0.5", "typical: -0.5"), {":4: energy.mac_8x8.typical", "-0.5"});
  refused(edited("low: 0.4", "low: -0.4"), {"energy.mac_8x8.low", "-0.4"});
  refused(edited("low: 0.4", "low: 0.55"), {"energy.mac_8x8.low", "low <= typical"});
  refused(edited("high: 0.6", "high: 0.45"), {"energy.mac_8x8.high", "typical <= high"});
  refused(edited("typical: 0.5", "typical: .nan"), {"energy.mac_8x8.typical"});
  refused(edited("typical: 0.5", "typical: cheap"), {"energy.mac_8x8.typical", "cheap"});
  refused(edited("mac_8x8", "mac_9x9"), {"energy.mac_9x9", "unknown key"});
  refused(edited("source: lab", "colour: red, source: lab"), {"energy.mac_8x8.colour"});
  refused(edited(", source: lab", ""), {"energy.mac_8x8.source", "nothing"});
  refused(edited("base: 45nm", "base: 3nm"), {"base", "3nm", "45nm, 7nm"});
  refused(edited("technology: mine\n", ""), {"technology", "nothing"});
  refused("technology: x\nbase: 45nm\ndram: {DDR9: {}}\n", {"dram.DDR9"});
  refused("technology: x\nbase: 45nm\narea: {mac_8x8: {typical: -1, source: s}}\n",
          {"area.mac_8x8.typical", "-1"});
  refused("technology: x\nbase: 45nm\nsram: {points: no.csv, node_nm: 45}\n",
          {":3: sram.points", "'no.csv', no such file"});
  refused("technology: x\nbase: 45nm\ndram_file: no.yaml\n", {":3: dram_file", "no.yaml"});
  refused("technology: x\nbase: 45nm\nenergy: {mac_8x8: 0.3}\n", {"energy.mac_8x8", "a map"});
  refused("[1, 2]\n", {"a list"});
}

TEST(EnergyTable, WhatIsMissingIsNamed) {
  const TempDir folder;
  Hardware hw = find_hardware("base");
  hw.energy_file = folder.write("part.yaml", edited("base: 45nm\n", ""));
  expect_error_with([&] { EnergyPrices(energy_table_of(hw), hw); },
                    {hw.energy_file, "energy.mac_8x16", "found nothing", "base"});
  // A machine whose kind of DRAM the table does not have, and one that names none.
  hw.energy_file.clear();
  EnergyTable table = energy_table_of(hw);
  table.dram.erase("DDR4");
  expect_error_with([&] { EnergyPrices(table, hw); }, {"45nm.yaml", "dram", "DDR4", hw.file});
  hw.dram.prices.clear();
  hw.dram.unpriced = "mine.yaml: dram.own_kind.energy: found nothing";
  expect_error_with([&] { EnergyPrices(table, hw); }, {hw.dram.unpriced});
}

}  // namespace
}  // namespace octet::sim
