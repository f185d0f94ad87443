#include <fstream>
#include <set>

#include "common/error.hpp"
#include "sim/dram/address_map.hpp"
#include "tests/common/temp_dir.hpp"
#include "tests/sim/dram/dram_fixture.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

constexpr const char* kOwn =
    "name: Mine\nclock_hz: 1000000000\nbus_bits: 32\nburst_length: 8\nburst_clocks: 4\n"
    "bank_groups: 1\nbanks_per_group: 8\nrows: 4096\nrow_bytes: 1024\ncl_ns: 13.5\ncwl_clk: 10\n"
    "trcd_rd_clk: 12\ntrcd_wr_clk: 12\ntrp_clk: 12\ntras_clk: 30\ntccd_s_clk: 4\ntccd_l_clk: 4\n"
    "trrd_s_clk: 4\ntrrd_l_clk: 4\ntfaw_clk: 20\ntwtr_s_clk: 3\ntwtr_l_clk: 6\ntwr_clk: 15\n"
    "trtp_clk: 6\ntrtrs_clk: 1\ntrefi_ns: 3900\ntrfc_clk: 200\nmapping: ro-ba-co\n";

std::string with(const std::string& from, const std::string& to) {
  std::string text = kOwn;
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

Dram read_own(const std::string& text) {
  const std::string path = octet::testing::scratch_file("own_dram.yaml");
  std::ofstream(path) << text;
  return find_dram(path);
}

void expect_error(const std::string& text, const std::vector<std::string>& words) {
  try {
    (void)read_own(text);
    FAIL() << text;
  } catch (const Error& error) {
    const std::string what = error.what();
    EXPECT_EQ(what.find('\n'), std::string::npos) << what;
    for (const std::string& word : words) {
      EXPECT_NE(what.find(word), std::string::npos) << what << " lacks " << word;
    }
  }
}

TEST(DramKinds, AllAreRead) {
  EXPECT_EQ(dram_kinds(),
            (std::vector<std::string>{"DDR4-2400", "DDR4-3200", "GDDR6", "HBM2", "LPDDR4"}));
  for (const std::string& kind : dram_kinds()) EXPECT_EQ(find_dram(kind).kind, kind);
  const Dram ddr4 = find_dram("DDR4-2400");
  EXPECT_EQ(ddr4.t.refi, 9360);
  EXPECT_EQ(ddr4.t.rc, 56);
  EXPECT_NEAR(ddr4.peak_bytes_per_second(), 19.2e9, 1.0);
  EXPECT_NEAR(find_dram("DDR4-3200").peak_bytes_per_second(), 25.6e9, 1.0);
  EXPECT_NEAR(find_dram("LPDDR4").peak_bytes_per_second(), 19.2e9, 1.0);
  EXPECT_NEAR(find_dram("HBM2").peak_bytes_per_second(), 32e9, 1.0);
  EXPECT_NEAR(find_dram("GDDR6").peak_bytes_per_second(), 28e9, 1.0);
}

TEST(DramKinds, EveryNumberHasItsSource) {
  for (const std::string& kind : dram_kinds()) {
    std::ifstream file(std::string(OCTET_SOURCE_DIR) + "/sim/dram/kinds/" + kind + ".yaml");
    int numbers = 0;
    for (std::string line; std::getline(file, line);) {
      const bool number = line.find(": ") != std::string::npos && line[0] != '#' &&
                          line.rfind("description", 0) != 0 &&
                          std::isdigit(static_cast<unsigned char>(line[line.find(": ") + 2])) != 0;
      if (!number) continue;
      ++numbers;
      EXPECT_NE(line.find('#'), std::string::npos) << kind << ": " << line;
    }
    EXPECT_GE(numbers, 26) << kind;
  }
}

TEST(DramKinds, ClocksFromNanoseconds) {
  EXPECT_EQ(clocks_of(14.16, 1200000000), 17);
  EXPECT_EQ(clocks_of(13.75, 1600000000), 22);
  EXPECT_EQ(clocks_of(13.8, 1600000000), 23);
  const Dram own = read_own(kOwn);
  EXPECT_EQ(own.t.cl, 14);
  EXPECT_EQ(own.t.refi, 3900);
  EXPECT_EQ(own.burst_bytes, 32);
}

TEST(DramKinds, BadKindsAreRefused) {
  expect_error(with("clock_hz", "clock_khz"), {"own_dram.yaml", "clock_hz"});
  expect_error(std::string(kOwn) + "colour: red\n", {"colour"});
  expect_error(with("banks_per_group: 8", "banks_per_group: 0"), {"banks_per_group", "0"});
  expect_error(with("banks_per_group: 8", "banks_per_group: 6"), {"banks_per_group", "6", "power"});
  expect_error(with("row_bytes: 1024", "row_bytes: 16"), {"row_bytes", "16", "burst of 32"});
  expect_error(with("burst_length: 8", "burst_length: 1"), {"burst_length", "4 bytes", "8"});
  expect_error(with("tccd_s_clk: 4", "tccd_s_clk: 5"), {"tccd_s", "tccd_l"});
  expect_error(with("trfc_clk: 200", "trfc_clk: 3900"), {"trfc", "trefi"});
  expect_error(with("cl_ns: 13.5", "cl_ns: 13.5\ncl_clk: 14"), {"cl_ns", "one of them"});
  expect_error(with("cl_ns: 13.5", "cl_ns: -2"), {"cl_ns", "-2"});
  expect_error(with("mapping: ro-ba-co", "mapping: ro-ba"), {"mapping", "'ro-ba'"});
  expect_error(with("mapping: ro-ba-co", "mapping: ro-co-ba-co9"), {"mapping", "32 bursts"});
}

TEST(DramKinds, UnknownNameListsTheKnown) {
  try {
    (void)find_dram("DDR9");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_status(), 2);
    EXPECT_NE(std::string(error.what()).find("DDR4-2400, DDR4-3200"), std::string::npos);
  }
}

TEST(DramSection, ChoicesOfTheController) {
  HardwareText text;
  text.kind =
      "HBM2, ranks: 2, mapping: RoBaRaCoCh, page: closed, scheduler: fr_fcfs, queue: 16, "
      "bank_queue: 0, refresh: false";
  const Dram dram = text.read().dram;
  EXPECT_EQ(dram.ranks, 2);
  EXPECT_EQ(dram.mapping.text, "RoBaRaCoCh");
  EXPECT_EQ(dram.page, DramPage::kClosed);
  EXPECT_EQ(dram.scheduler, DramScheduler::kFrFcfs);
  EXPECT_EQ(dram.queue, 16);
  EXPECT_EQ(dram.bank_queue, 0);
  EXPECT_EQ(dram.t.refi, 0);
}

TEST(DramSection, OwnKindInTheMachinesFile) {
  std::string own = kOwn;
  for (char& c : own) c = c == '\n' ? ',' : c;
  own.pop_back();
  HardwareText text;
  std::string all = text.text();
  const std::string kind = "kind: DDR4-2400";
  all.replace(all.find(kind), kind.size(), "own_kind: {" + own + "}");
  const std::string path = octet::testing::scratch_file("own_machine.yaml");
  std::ofstream(path) << all;
  EXPECT_EQ(read_hardware(path).dram.kind, "Mine");
  EXPECT_EQ(read_hardware(path).dram.row_bytes, 1024);
}

// A name says whose prices hold, or `energy` does; without either it can be timed, not priced.
TEST(DramKinds, PricesOfTheNameOrOfEnergy) {
  EXPECT_EQ(find_dram("DDR4-3200").prices, "DDR4");
  EXPECT_EQ(read_own(with("name: Mine", "name: LPDDR4-mine")).prices, "LPDDR4");
  EXPECT_EQ(read_own(with("name: Mine", "name: DDR4-mine\nenergy: HBM2")).prices, "HBM2");
  const Dram unpriced = read_own(kOwn);
  EXPECT_EQ(unpriced.prices, "");
  for (const char* word :
       {"own_dram.yaml", "energy: found nothing", "Mine", "DDR4, LPDDR4, HBM2, GDDR6"})
    EXPECT_NE(unpriced.unpriced.find(word), std::string::npos) << unpriced.unpriced;
  expect_error(with("name: Mine", "name: Mine\nenergy: Optane"),
               {"own_dram.yaml", "energy: found 'Optane'", "DDR4, LPDDR4, HBM2, GDDR6"});
}

// Every burst has a place of its own, and every place a burst.
TEST(AddressMap, IsOneToOne) {
  for (const char* mapping : {"ro-ra-ba-co-bg-ch", "RoBaRaCoCh", "ch-ro-ba-bg-ra-co",
                              "ro-co-ba-bg-ra-ch-co2", "ro-co-ba-bg-ra-ch-co2^"}) {
    for (const int channels : {1, 3, 4}) {
      Dram dram = find_dram("HBM2");
      dram.channels = channels;
      dram.ranks = 2;
      dram.rows = 4;
      dram = mapped(dram, mapping);
      const AddressMap map(dram);
      std::set<std::tuple<int, int, std::int64_t, std::int64_t>> seen;
      const std::int64_t all = std::int64_t{channels} * 2 * 16 * 4 * 32;
      for (std::int64_t burst = 0; burst < all; ++burst) {
        const DramPlace p = map.place(burst);
        EXPECT_LT(p.channel, channels);
        EXPECT_LT(p.bank, 32);
        EXPECT_LT(p.row, 4);
        EXPECT_LT(p.column, 32);
        seen.insert({p.channel, p.bank, p.row, p.column});
      }
      EXPECT_EQ(static_cast<std::int64_t>(seen.size()), all) << mapping;
    }
  }
}

// A stretch needs one row of each of its banks.
TEST(AddressMap, AStretchIsARowOfEachBank) {
  for (const char* mapping :
       {"ro-ra-ba-co-bg-ch", "RoBaRaCoCh", "ch-ro-ba-bg-ra-co", "ro-ba-ch-co-bg-ra",
        "ro-co-ba-bg-ra-ch-co2", "ro-co-ba-bg-ra-ch-co2^"}) {
    for (const int channels : {1, 3, 14}) {
      Dram dram = find_dram("HBM2");
      dram.channels = channels;
      dram.ranks = 2;
      dram = mapped(dram, mapping);
      const AddressMap map(dram);
      const RowStretch stretch = row_stretch(dram);
      const std::int64_t bursts = stretch.bytes / dram.burst_bytes;
      for (const std::int64_t first : {std::int64_t{0}, 5 * bursts}) {
        std::set<std::tuple<int, int, std::int64_t>> rows;
        std::set<std::tuple<int, int>> banks;
        for (std::int64_t burst = first; burst < first + bursts; ++burst) {
          const DramPlace p = map.place(burst);
          rows.insert({p.channel, p.bank, p.row});
          banks.insert({p.channel, p.bank});
        }
        EXPECT_EQ(static_cast<std::int64_t>(rows.size()), stretch.banks) << mapping;
        EXPECT_EQ(rows.size(), banks.size()) << mapping;
        const DramPlace next = map.place(first + bursts), here = map.place(first);
        EXPECT_NE(std::tie(next.channel, next.bank, next.row),
                  std::tie(here.channel, here.bank, here.row))
            << mapping;
      }
    }
  }
}

TEST(AddressMap, FieldsAreWhereTheMappingSays) {
  Dram dram = find_dram("DDR4-2400");
  dram.channels = 2;
  dram = mapped(dram, "ro-ra-ba-co-bg-ch");
  const AddressMap map(dram);
  EXPECT_EQ(map.place(1).channel, 1);
  EXPECT_EQ(map.place(2).bank, 4);    // the next group
  EXPECT_EQ(map.place(8).column, 1);  // 2 channels x 4 groups
  EXPECT_EQ(map.place(1024).bank, 1);
  EXPECT_EQ(map.place(4096).row, 1);
  EXPECT_EQ(map.place(std::int64_t{4096} * 70000).row, 70000);  // the highest field has no end
  EXPECT_EQ(map.period(), 8);
  EXPECT_EQ(map.repeats(), 128);
}

}  // namespace
}  // namespace octet::sim
