// Energy reference tables as Accelergy writes them.
#include "sim/energy/ert.hpp"

#include <algorithm>

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
  // Of one of the 32 x 32 cells.
  EXPECT_DOUBLE_EQ(prices.row(Activity::kLeakArray).pj.typical, 1024 * 0.02);
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

// A price that holds row, refresh and standby leaves none of them beside it.
TEST(Ert, DramAccessesAreAllInclusive) {
  const TempDir folder;
  const EnergyPrices prices = prices_of(folder.write("ert.yaml", kErt));
  for (const Activity held :
       {Activity::kDramActivate, Activity::kDramRefresh, Activity::kDramStandby}) {
    EXPECT_EQ(prices.row(held).pj.high, 0.0) << prices.row(held).component;
    EXPECT_NE(prices.row(held).source.find("held by Accelergy ERT"), std::string::npos);
  }
  // What the file gives beside them is charged; a write that it lacks is as a read.
  const EnergyPrices given = prices_of(
      folder.write("given.yaml",
                   "ERT:\n  version: 0.4\n  tables:\n  - name: top.DRAM\n    actions:\n"
                   "    - {name: read, energy: 100}\n    - {name: activate, energy: 900}\n"));
  EXPECT_DOUBLE_EQ(given.row(Activity::kDramActivate).pj.typical, 900.0);
  EXPECT_EQ(given.row(Activity::kDramRefresh).pj.high, 0.0);
  EXPECT_DOUBLE_EQ(given.row(Activity::kDramWrite).pj.typical, 100.0);
  // A file without DRAM leaves the technology's whole.
  const EnergyPrices none = prices_of(folder.write(
      "none.yaml",
      "ERT:\n  tables:\n  - name: top.mac\n    actions:\n    - {name: compute, energy: 1}\n"));
  EXPECT_GT(none.row(Activity::kDramRead).pj.typical, 0.0);
  EXPECT_GT(none.row(Activity::kDramStandby).pj.typical, 0.0);
}

TEST(Ert, TheOtherProductsKeepTheirRatio) {
  const TempDir folder;
  const EnergyPrices prices = prices_of(folder.write("ert.yaml", kErt));
  const EnergyTable table = find_energy_table("45nm");
  const double base = table.energy.at("mac_8x8").value.typical;
  for (const Activity mac :
       {Activity::kMac8x16, Activity::kMacFp32, Activity::kMacFp16, Activity::kMacBf16}) {
    const double ratio = table.energy.at(activity_name(mac)).value.typical / base;
    EXPECT_DOUBLE_EQ(prices.row(mac).pj.typical, 0.56 * ratio);
    EXPECT_NE(prices.row(mac).source.find("mac_random x "), std::string::npos);
  }
  std::string text = kErt;
  text.insert(text.find("    - {name: mac_gated"), "    - {name: mac_8x16, energy: 0.7}\n");
  const EnergyPrices own = prices_of(folder.write("own.yaml", text));
  EXPECT_DOUBLE_EQ(own.row(Activity::kMac8x16).pj.typical, 0.7);
}

// As Accelergy writes it for an Eyeriss: the register files of a cell say ifmap and psum too.
constexpr const char* kEyeriss =
    "ERT:\n  version: '0.4'\n  tables:\n"
    "  - name: system_top_level.DRAM[1..1]\n    actions:\n"
    "    - {name: read, arguments: {}, energy: 512}\n"
    "    - {name: write, arguments: {}, energy: 512}\n"
    "    - {name: update, arguments: {}, energy: 512}\n"
    "    - {name: leak, arguments: {}, energy: 0}\n"
    "  - name: system_top_level.shared_glb[1..1]\n    actions:\n"
    "    - {name: read, arguments: {}, energy: 20}\n"
    "    - {name: write, arguments: {}, energy: 19}\n"
    "    - {name: leak, arguments: {}, energy: 0.01}\n"
    "  - name: system_top_level.dummy_buffer[1..14]\n    actions:\n"
    "    - {name: read, arguments: {}, energy: 0}\n"
    "  - name: system_top_level.inter_PE_spatial[1..168]\n    actions:\n"
    "    - {name: read, arguments: {}, energy: 0}\n"
    "  - name: system_top_level.PE_column[0..13].PE[0..11].ifmap_spad[1..168]\n    actions:\n"
    "    - {name: read, arguments: {}, energy: 0.09}\n"
    "  - name: system_top_level.PE_column[0..13].PE[0..11].weights_spad[1..168]\n    actions:\n"
    "    - {name: read, arguments: {}, energy: 0.5}\n"
    "  - name: system_top_level.PE_column[0..13].PE[0..11].psum_spad[1..168]\n    actions:\n"
    "    - {name: read, arguments: {}, energy: 0.15}\n"
    "  - name: system_top_level.PE_column[0..13].PE[0..11].mac[1..168]\n    actions:\n"
    "    - {name: compute, arguments: {}, energy: 0.06}\n";

TEST(Ert, RegisterFilesOfACellAreNoScratchpads) {
  const TempDir folder;
  const std::string file = folder.write("eyeriss.yaml", kEyeriss);
  const EnergyPrices prices = prices_of(file);
  for (const Activity read :
       {Activity::kSramActivationRead, Activity::kSramWeightRead, Activity::kSramAccumulatorRead})
    EXPECT_DOUBLE_EQ(prices.row(read).pj.typical, 20.0);
  EXPECT_DOUBLE_EQ(prices.row(Activity::kMac8x8).pj.typical, 0.06);
  // Without the buffer the scratchpads stay what the technology makes of them.
  std::string text = kEyeriss;
  const std::size_t glb = text.find("  - name: system_top_level.shared_glb");
  text.erase(glb, text.find("  - name: system_top_level.dummy") - glb);
  const EnergyPrices plain = prices_of(folder.write("plain.yaml", text));
  const Hardware base = find_hardware("base");
  const EnergyPrices technology(energy_table_of(base), base);
  for (const Activity pad : {Activity::kSramActivationRead, Activity::kSramWeightWrite,
                             Activity::kSramAccumulatorRead, Activity::kLeakActivation})
    EXPECT_DOUBLE_EQ(plain.row(pad).pj.typical, technology.row(pad).pj.typical);
}

TEST(Ert, NotesSayWhatComesFromWhere) {
  const TempDir folder;
  const auto notes = read_energy_table(folder.write("eyeriss.yaml", kEyeriss), "45nm").notes;
  const auto says = [&](const std::string& start, const std::vector<std::string>& words) {
    const auto note = std::find_if(notes.begin(), notes.end(),
                                   [&](const std::string& n) { return n.starts_with(start); });
    ASSERT_NE(note, notes.end()) << start;
    for (const std::string& word : words)
      EXPECT_NE(note->find(word), std::string::npos) << *note << ": " << word;
  };
  says("energy from " + folder.file("eyeriss.yaml"), {"mac_8x8 (", "mac[1..168].compute)"});
  says("energy mac_8x8 of the file, in the ratio of the 45nm table", {"mac_8x16 (x 1.917)"});
  says("energy held by the file's DRAM accesses", {"dram_activate, dram_refresh"});
  says("energy in the file, left out", {"ifmap_spad[1..168] (registers", "psum_spad", "inter_PE"});
  says("energy from the 45nm table", {"int32_add", "clock", "leakage_units"});
  for (const std::string& note : notes) EXPECT_EQ(note.find('\n'), std::string::npos);
}

// Eyeriss' first version has a buffer for weights beside the one for all.
TEST(Ert, ABufferOfOneOperandGoesBeforeOneForAll) {
  const TempDir folder;
  const std::string shared = "  - name: top.shared_glb\n    actions: [{name: read, energy: 20}]\n";
  const std::string own = "  - name: top.weights_glb\n    actions: [{name: read, energy: 5}]\n";
  for (const std::string& tables : {shared + own, own + shared}) {
    const EnergyPrices prices = prices_of(folder.write("two.yaml", "ERT:\n  tables:\n" + tables));
    EXPECT_DOUBLE_EQ(prices.row(Activity::kSramWeightRead).pj.typical, 5.0);
    EXPECT_DOUBLE_EQ(prices.row(Activity::kSramActivationRead).pj.typical, 20.0);
  }
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
  refused("system.DRAM", "system.Router", {"'system.Router'", "mac, activation, weight"});
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
                           "ERT: {tables: [{name: DRAM}]}\n",
                           "ERT: {tables: [{name: PE.psum_spad, actions: []}]}\n"}) {
    const std::string file = folder.write("empty.yaml", text);
    expect_error_with([&] { (void)read_energy_table(file, "45nm"); }, {file, "ERT", "expected "});
  }
}

}  // namespace
}  // namespace octet::sim
