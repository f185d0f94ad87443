// Energy reference tables as Accelergy writes them.
#include "sim/energy/ert.hpp"

#include "common/error.hpp"
#include "sim/energy/energy.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/common/temp_dir.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

using testing::expect_error_with;
using testing::TempDir;

constexpr const char* kErt =
    "ERT:\n  version: 0.4\n  tables:\n"
    "  - name: system.DRAM\n    actions:\n"
    "    - {name: read, arguments: null, energy: 512}\n"
    "    - {name: write, arguments: null, energy: 520}\n"
    "  - name: system.chip.PE[0..255].mac\n    actions:\n"
    "    - {name: mac_random, arguments: {}, energy: 0.56}\n"
    "    - {name: mac_gated, arguments: {}, energy: 0.1}\n"
    "    - {name: idle, arguments: {}, energy: 0.02}\n"
    "  - name: system.chip.WeightBuffer[0..7]\n    actions:\n"
    "    - {name: read, arguments: {address_delta: 0, data_delta: 0}, energy: 0.5}\n"
    "    - {name: read, arguments: {address_delta: 1, data_delta: 0}, energy: 3}\n"
    "    - {name: read, arguments: {address_delta: 1, data_delta: 1}, energy: 6}\n"
    "    - {name: write, arguments: {address_delta: 1, data_delta: 1}, energy: 5}\n";

EnergyPrices prices_of(const std::string& file) {
  Hardware hw = find_hardware("base");
  hw.energy_file = file;
  return EnergyPrices(energy_table_of(hw), hw);
}

TEST(Ert, ActionsAreMapped) {
  const TempDir folder;
  const EnergyPrices prices = prices_of(folder.write("ert.yaml", kErt));
  EXPECT_DOUBLE_EQ(prices.row(Activity::kDramRead).pj.typical, 512.0);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kDramWrite).pj.typical, 520.0);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kMac8x8).pj.typical, 0.56);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kLeakArray).pj.typical, 0.02);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kSramWeightWrite).pj.typical, 5.0);
  // New data at a new address is the figure; the other variants are its bars.
  EXPECT_DOUBLE_EQ(prices.row(Activity::kSramWeightRead).pj.low, 0.5);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kSramWeightRead).pj.typical, 6.0);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kSramWeightRead).pj.high, 6.0);
  EXPECT_NE(prices.row(Activity::kMac8x8).source.find("system.chip.PE[0..255].mac.mac_random"),
            std::string::npos);
  // What the ERT does not say is the technology's.
  EXPECT_DOUBLE_EQ(prices.row(Activity::kInt32Add).pj.typical, 0.1);
}

TEST(Ert, VersionTwoIsAMapOfNames) {
  const TempDir folder;
  const EnergyPrices prices = prices_of(folder.write(
      "ert.yaml",
      "ERT:\n  tables:\n    design.GLB:\n      read:\n      - arguments: {data_delta: 0}\n"
      "        energy: 1.0\n      - arguments: {data_delta: 1}\n        energy: 4.0\n"
      "      write: {arguments: null, energy: 3.0}\n  version: 0.2\n"));
  for (const Activity read :
       {Activity::kSramActivationRead, Activity::kSramWeightRead, Activity::kSramAccumulatorRead}) {
    EXPECT_DOUBLE_EQ(prices.row(read).pj.typical, 4.0);
    EXPECT_DOUBLE_EQ(prices.row(read).pj.low, 1.0);
  }
  EXPECT_DOUBLE_EQ(prices.row(Activity::kSramAccumulatorWrite).pj.typical, 3.0);
}

TEST(Ert, Refusals) {
  const TempDir folder;
  const auto refused = [&](const std::string& from, const std::string& to,
                           const std::vector<std::string>& words) {
    std::string text = kErt;
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    const std::string file = folder.write("bad.yaml", text);
    std::vector<std::string> all{file, "found ", "expected "};
    all.insert(all.end(), words.begin(), words.end());
    expect_error_with([&] { (void)read_energy_table(file, "45nm"); }, all);
  };
  refused("energy: 512", "energy: -512", {":6: ERT.tables.system.DRAM.read.energy", "-512"});
  refused("energy: 512", "energy: much", {"system.DRAM.read.energy", "much"});
  refused("energy: 512", "energy: .inf", {"system.DRAM.read.energy"});
  refused(", energy: 512", "", {"system.DRAM.read.energy", "nothing"});
  refused("system.DRAM", "system.NoC", {"'system.NoC'", "mac, activation, weight"});
  refused("system.DRAM", "system.WeightRegs", {"'system.WeightRegs'"});
  refused("name: mac_random", "name: dance", {"PE[0..255].mac", "'dance'", "mac_random"});
  refused("{name: write, arguments: null", "{name: erase, arguments: null",
          {"system.DRAM", "'erase'", "read, write"});
  refused("system.chip.WeightBuffer[0..7]", "system.HBM2",
          {"second number for dram_read", "system.DRAM"});
  refused("version: 0.4", "version: 0.4\n  colour: red", {"ERT.colour", "unknown key"});
  refused("ERT:", "colour: red\nERT:", {"colour", "unknown key"});
  refused("arguments: null, energy: 512", "energy: 512, units: pJ", {"units", "unknown key"});
}

TEST(Ert, Empty) {
  const TempDir folder;
  for (const char* text : {"ERT: {version: 0.4, tables: []}\n", "ERT: {version: 0.4}\n", "ERT: 3\n",
                           "ERT: {tables: [{name: DRAM}]}\n"}) {
    const std::string file = folder.write("empty.yaml", text);
    expect_error_with([&] { (void)read_energy_table(file, "45nm"); }, {file, "ERT", "expected "});
  }
}

}  // namespace
}  // namespace octet::sim
