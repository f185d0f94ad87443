// Scratchpad banks between and beyond the points of the table.
#include "sim/energy/sram.hpp"

#include <cmath>

#include "common/error.hpp"
#include "sim/energy/bank_speed.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/common/temp_dir.hpp"

namespace octet::sim {
namespace {

using testing::expect_error_with;
using testing::TempDir;

SramTable table() { return *find_energy_table("45nm").sram; }

TEST(Sram, EveryPointIsMetExactly) {
  const SramTable sram = table();
  EXPECT_EQ(sram.points.size(), 32U);
  for (const SramPoint& point : sram.points) {
    const SramMacro macro = sram_macro(sram, point.bytes, point.bits);
    EXPECT_DOUBLE_EQ(macro.read_pj.typical, point.read_pj);
    EXPECT_DOUBLE_EQ(macro.write_pj.typical, point.write_pj);
    EXPECT_DOUBLE_EQ(macro.area_mm2.typical, point.area_mm2);
    EXPECT_DOUBLE_EQ(macro.leakage_mw.low, point.leakage_mw);
  }
  // The table's own numbers: 64-bit reads of 8 KiB and 1 MiB, a write of 32 KiB.
  EXPECT_DOUBLE_EQ(sram_macro(sram, 8192, 64).read_pj.typical, 6.137);
  EXPECT_DOUBLE_EQ(sram_macro(sram, 1048576, 64).read_pj.typical, 93.519);
  EXPECT_DOUBLE_EQ(sram_macro(sram, 32768, 64).write_pj.typical, 15.397);
}

TEST(Sram, CycleTimesAreInterpolatedAsEnergiesAre) {
  const SramTable sram = table();
  for (const SramPoint& point : sram.points)
    EXPECT_DOUBLE_EQ(sram_macro(sram, point.bytes, point.bits).cycle_ns.typical, point.cycle_ns);
  EXPECT_DOUBLE_EQ(sram_macro(sram, 262144, 128).cycle_ns.typical, 3.207);
  EXPECT_NEAR(sram_macro(sram, 16384, 64).cycle_ns.typical, std::sqrt(0.886 * 1.343), 1e-9);
  // Two macros of 32 KiB and 256 bits side by side; 4 MiB: wires twice as long.
  EXPECT_DOUBLE_EQ(sram_macro(sram, 65536, 512).cycle_ns.typical, 1.343);
  EXPECT_NEAR(sram_macro(sram, 4194304, 64).cycle_ns.typical, 2 * 3.207, 1e-9);
}

// A bank is told where its cycle is longer than the clock's, and at no other clock.
TEST(Sram, BanksSlowerThanTheClockAreTold) {
  const EnergyTable energy = find_energy_table("45nm");
  Hardware server = find_hardware("server");
  const auto notes = slow_banks(energy, server);
  ASSERT_EQ(notes.size(), 3U);
  EXPECT_EQ(notes[0],
            "activation: a bank of 256 KiB x 128 bits cycles in 3.21 ns in the 45nm table, the "
            "clock is 1 ns: more, smaller banks or a slower clock");
  EXPECT_EQ(notes[1].substr(0, 40), "weight: a bank of 128 KiB x 128 bits cyc");
  EXPECT_TRUE(slow_banks(energy, find_hardware("base")).empty());
  EXPECT_TRUE(slow_banks(energy, find_hardware("edge")).empty());
  // 3.207 ns: 311.8 MHz.
  server.clock_hz = 311'000'000;
  EXPECT_TRUE(slow_banks(energy, server).empty());
  server.clock_hz = 312'000'000;
  EXPECT_EQ(slow_banks(energy, server).size(), 1U);
  // The finer technology is faster, and says how sure it is.
  server.clock_hz = 1'000'000'000;
  const auto fine = slow_banks(find_energy_table("7nm"), server);
  ASSERT_EQ(fine.size(), 1U);
  EXPECT_NE(fine[0].find("1.08 ns (0.609 to 1.92) in the 7nm table"), std::string::npos) << fine[0];
}

// Points of one's own need no cycle times; what is not known is not told.
TEST(Sram, PointsWithoutCycleTimes) {
  const TempDir folder;
  EnergyTable energy = find_energy_table("45nm");
  energy.sram->points = read_sram_points(
      folder.write(
          "points.csv",
          "tech_nm,size_B,word_bits,read_pJ,write_pJ,leak_mW,area_mm2\n45,2048,32,1,1,1,1\n"),
      45);
  EXPECT_EQ(sram_macro(*energy.sram, 2048, 32).cycle_ns.typical, 0.0);
  EXPECT_TRUE(slow_banks(energy, find_hardware("server")).empty());
}

TEST(Sram, BetweenTwoPointsTheGeometricMean) {
  const SramTable sram = table();
  // 16 KiB lies half-way from 8 to 32 in the logarithm.
  EXPECT_NEAR(sram_macro(sram, 16384, 64).read_pj.typical, std::sqrt(6.137 * 17.042), 1e-9);
  // 45.25 bits half-way from 32 to 64.
  EXPECT_NEAR(sram_macro(sram, 8192, std::sqrt(32.0 * 64.0)).read_pj.typical,
              std::sqrt(5.247 * 6.137), 1e-9);
}

TEST(Sram, BarsSpanHorowitz) {
  const SramTable sram = table();
  EXPECT_DOUBLE_EQ(sram_macro(sram, 8192, 64).read_pj.high, 10.0);
  EXPECT_DOUBLE_EQ(sram_macro(sram, 32768, 64).read_pj.high, 20.0);
  EXPECT_DOUBLE_EQ(sram_macro(sram, 1048576, 64).read_pj.high, 100.0);
  EXPECT_DOUBLE_EQ(sram_macro(sram, 8192, 64).read_pj.low, 6.137);
  // Another width differs from it as CACTI's does.
  EXPECT_NEAR(sram_macro(sram, 8192, 256).read_pj.high, 10.0 * 11.484 / 6.137, 1e-9);
}

TEST(Sram, BeyondThePoints) {
  const SramTable sram = table();
  // 512 bits of 64 KiB are two macros of 256 bits and 32 KiB.
  EXPECT_NEAR(sram_macro(sram, 65536, 512).read_pj.typical, 2 * 26.838, 1e-9);
  EXPECT_NEAR(sram_macro(sram, 65536, 512).area_mm2.typical, 2 * 0.1034, 1e-9);
  // Narrower than 32 bits: a whole word is read.
  EXPECT_DOUBLE_EQ(sram_macro(sram, 8192, 8).read_pj.typical, 5.247);
  // 4 MiB: wires twice as long, four times the silicon.
  EXPECT_NEAR(sram_macro(sram, 4194304, 64).read_pj.typical, 2 * 93.519, 1e-9);
  EXPECT_NEAR(sram_macro(sram, 4194304, 64).read_pj.low, 93.519, 1e-9);
  EXPECT_NEAR(sram_macro(sram, 4194304, 64).area_mm2.typical, 4 * 3.2628, 1e-9);
  // 512 bytes: less than the smallest macro, by the slope of the first segment.
  const SramMacro tiny = sram_macro(sram, 512, 64);
  EXPECT_NEAR(tiny.read_pj.typical, 2.756 * 2.756 / 6.137, 1e-9);
  EXPECT_GE(tiny.read_pj.high, 2.756);
  EXPECT_NEAR(tiny.area_mm2.typical, 0.0075 / 4, 1e-9);
}

TEST(Sram, BarsHoldTheFigureAtAnySize) {
  for (const std::string& technology : technologies()) {
    const SramTable sram = *find_energy_table(technology).sram;
    for (double bytes = 64; bytes < 1e8; bytes *= 3.1) {
      for (double bits = 8; bits < 4096; bits *= 1.7) {
        const SramMacro macro = sram_macro(sram, bytes, bits);
        for (const Spread* s :
             {&macro.read_pj, &macro.write_pj, &macro.leakage_mw, &macro.area_mm2}) {
          EXPECT_LE(s->low, s->typical) << bytes << " " << bits;
          EXPECT_LE(s->typical, s->high) << bytes << " " << bits;
          EXPECT_TRUE(std::isfinite(s->high));
        }
      }
    }
  }
}

TEST(Sram, PointsFileErrors) {
  const TempDir folder;
  const std::string columns = "tech_nm,size_B,word_bits,read_pJ,write_pJ,leak_mW,area_mm2\n";
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    const std::string file = folder.write("points.csv", text);
    expect_error_with([&] { (void)read_sram_points(file, 45); }, words);
  };
  refused(columns + "45,2048,32,-1,1,1,1\n", {"points.csv:2: read_pJ", "-1", "not negative"});
  refused(columns + "45,0,32,1,1,1,1\n", {"size_B", "'0'", "positive"});
  refused(columns + "45,2048,32,1\n", {"points.csv:2", "4 cells", "7"});
  refused(columns + "45,2048,32,many,1,1,1\n", {"read_pJ", "many"});
  refused("tech_nm,size_B\n45,2048\n", {"word_bits", "no such column"});
  refused(columns + "45,2048,32,1,1,1,1\n45,8192,64,1,1,1,1\n", {"0 rows of 2048 bytes and 64"});
  refused(columns + "45,2048,32,1,1,1,1\n45,2048,32,1,1,1,1\n", {"2 rows of 2048 bytes"});
}

}  // namespace
}  // namespace octet::sim
