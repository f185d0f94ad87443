// Sustained bandwidth against DRAMsim3 (2981759) and Ramulator 2.1 (c5b1c3a), both driven with as
// many 64-byte requests a clock as they accept, 400,000 over 1 GiB, the first tenth left out.
#include "sim/dram/measure.hpp"
#include "tests/sim/dram/dram_fixture.hpp"

namespace octet::sim {
namespace {

struct Published {
  const char* kind;
  int channels, ranks;
  const char* mapping;
  int bank_queue;  // DRAMsim3 has queues at the banks, Ramulator one for all
  DramPattern pattern;
  double gigabytes;
};

TEST(Bandwidth, AgreesWithDramsim3AndRamulator) {
  const auto sequential = DramPattern::kSequential;
  const auto random = DramPattern::kRandom;
  const std::vector<Published> table{
      {"DDR4-2400", 1, 1, "rorabacobgch", 8, sequential, 18.31},
      {"DDR4-2400", 1, 1, "rorabacobgch", 8, random, 11.21},
      {"DDR4-2400", 1, 1, "RoBaRaCoCh", 0, sequential, 14.35},
      {"DDR4-2400", 1, 1, "RoBaRaCoCh", 0, random, 11.22},
      {"DDR4-2400", 1, 1, "ro-co-ba-bg-ra-ch-co2^", 0, sequential, 18.25},
      {"DDR4-2400", 1, 1, "ro-co-ba-bg-ra-ch-co2^", 0, random, 11.22},
      {"DDR4-2400", 1, 2, "rochrababgco", 8, sequential, 14.96},
      {"DDR4-2400", 1, 2, "rochrababgco", 8, random, 16.89},
      {"HBM2", 8, 1, "rorabgbachco", 8, sequential, 235.6},
      {"HBM2", 8, 1, "rorabgbachco", 8, random, 62.6},
  };
  for (const Published& p : table) {
    Dram dram = mapped(find_dram(p.kind), p.mapping);
    dram.channels = p.channels;
    dram.ranks = p.ranks;
    dram.bank_queue = p.bank_queue;
    dram.scheduler = DramScheduler::kFrFcfs;
    DramLoad load;
    load.pattern = p.pattern;
    const double got = 1e-9 * measure(dram, load, 400000).bytes_per_second;
    EXPECT_NEAR(got / p.gigabytes, 1.0, 0.02) << p.kind << " " << p.mapping << " " << got;
  }
}

// No pattern beats the closed form, and those that it explains come close.
TEST(Bandwidth, StaysBelowTheClosedForm) {
  for (const std::string& kind : dram_kinds()) {
    for (const DramScheduler scheduler : {DramScheduler::kInOrder, DramScheduler::kFrFcfs}) {
      for (const DramPattern pattern : {DramPattern::kSequential, DramPattern::kStrided,
                                        DramPattern::kRandom, DramPattern::kMixed}) {
        Dram dram = find_dram(kind);
        dram.scheduler = scheduler;
        DramLoad load;
        load.pattern = pattern;
        load.stride = 64 * dram.burst_bytes;
        load.write_percent = pattern == DramPattern::kMixed ? 50 : 0;
        const double bound = bandwidth_bound(dram, load, 100000).bytes_per_second;
        const double got = measure(dram, load, 100000).bytes_per_second;
        EXPECT_LE(got, 1.02 * bound) << kind << " " << static_cast<int>(pattern);
        EXPECT_LE(bound, dram.peak_bytes_per_second());
        if (pattern == DramPattern::kSequential) {
          EXPECT_GE(got, 0.97 * bound) << kind;
        }
      }
    }
  }
}

TEST(Bandwidth, ClosedForms) {
  const Dram dram = find_dram("DDR4-2400");
  const double working = 1.0 - 420.0 / 9360.0;
  DramLoad load;
  EXPECT_NEAR(bandwidth_bound(dram, load, 100000).bytes_per_second, 19.2e9 * working, 1e6);
  load.pattern = DramPattern::kRandom;
  const DramBound random = bandwidth_bound(dram, load, 100000);
  EXPECT_STREQ(random.holds, "tFAW");
  EXPECT_NEAR(random.bytes_per_second, 4 * 64 / (26 / 1.2e9) * working, 0.01 * 11.2e9);
  load.pattern = DramPattern::kStrided;  // every fourth burst: one bank group only
  load.stride = 256;
  const DramBound group = bandwidth_bound(dram, load, 10000);
  EXPECT_STREQ(group.holds, "tCCD_L");
  EXPECT_NEAR(group.bytes_per_second, 19.2e9 * 4 / 6 * working, 1e6);
}

TEST(Bandwidth, ReorderingIsNotSlower) {
  for (const DramPattern pattern : {DramPattern::kSequential, DramPattern::kRandom}) {
    Dram dram = find_dram("DDR4-2400");
    DramLoad load;
    load.pattern = pattern;
    const double in_order = measure(dram, load, 50000).bytes_per_second;
    dram.scheduler = DramScheduler::kFrFcfs;
    EXPECT_GE(measure(dram, load, 50000).bytes_per_second, 0.999 * in_order);
  }
}

TEST(Bandwidth, WritesAmongReadsCostTurnarounds) {
  Dram dram = find_dram("DDR4-2400");
  for (const DramScheduler scheduler : {DramScheduler::kInOrder, DramScheduler::kFrFcfs}) {
    dram.scheduler = scheduler;
    DramLoad load;
    const double reads = measure(dram, load, 50000).bytes_per_second;
    load.write_percent = 100;
    EXPECT_NEAR(measure(dram, load, 50000).bytes_per_second, reads, 0.02 * reads);
    load.write_percent = 50;
    EXPECT_LT(measure(dram, load, 50000).bytes_per_second, 0.95 * reads);
  }
}

TEST(Bandwidth, MoreOfAnythingIsNotSlower) {
  for (const DramPattern pattern : {DramPattern::kSequential, DramPattern::kRandom}) {
    DramLoad load;
    load.pattern = pattern;
    double before = 0.0;
    for (const int channels : {1, 2, 3, 4, 8}) {
      Dram dram = find_dram("HBM2");
      dram.channels = channels;
      dram.scheduler = DramScheduler::kFrFcfs;
      const double now = measure(dram, load, 50000).bytes_per_second;
      EXPECT_GE(now, before) << channels;
      before = now;
    }
  }
}

TEST(Bandwidth, TheSameEachTime) {
  Dram dram = find_dram("GDDR6");
  dram.scheduler = DramScheduler::kFrFcfs;
  DramLoad load;
  load.pattern = DramPattern::kRandom;
  load.write_percent = 30;
  const DramMeasure a = measure(dram, load, 20000);
  const DramMeasure b = measure(dram, load, 20000);
  EXPECT_EQ(a.clocks, b.clocks);
  EXPECT_EQ(a.counters, b.counters);
  EXPECT_EQ(a.counters.reads + a.counters.writes, 20000);
}

}  // namespace
}  // namespace octet::sim
