#include "sim/dram/dram_system.hpp"

#include <random>

#include "sim/dram/measure.hpp"
#include "tests/sim/dram/dram_fixture.hpp"

namespace octet::sim {
namespace {

TEST(DramSystem, IdleLatenciesOfEveryKind) {
  for (const std::string& kind : dram_kinds()) {
    for (const DramScheduler scheduler : {DramScheduler::kInOrder, DramScheduler::kFrFcfs}) {
      for (const int channels : {1, 2, 3, 5, 6, 7, 12, 14}) {
        SCOPED_TRACE(kind + " x " + std::to_string(channels));
        Dram dram = find_dram(kind);
        dram.scheduler = scheduler;
        dram.channels = channels;
        const IdleLatency idle = idle_latency(dram);
        const std::int64_t hit = dram.t.cl + dram.burst_clocks + 2;
        EXPECT_EQ(idle.hit, hit);
        EXPECT_EQ(idle.closed, hit + dram.t.rcd_rd);
        EXPECT_EQ(idle.conflict, hit + dram.t.rcd_rd + dram.t.rp);
      }
    }
  }
}

TEST(DramSystem, PublishedIdleLatencies) {
  const IdleLatency ddr4 = idle_latency(find_dram("DDR4-2400"));
  EXPECT_EQ(ddr4.hit, 23);
  EXPECT_EQ(ddr4.closed, 40);
  EXPECT_EQ(ddr4.conflict, 57);
  const IdleLatency hbm2 = idle_latency(find_dram("HBM2"));
  EXPECT_EQ(hbm2.hit, 18);
  EXPECT_EQ(hbm2.closed, 32);
  EXPECT_EQ(hbm2.conflict, 46);
}

TEST(DramSystem, PartialBurstsAreWhole) {
  DramSystem dram(find_dram("DDR4-2400"));
  EXPECT_EQ(dram.moved_bytes(0, 1), 64);
  EXPECT_EQ(dram.moved_bytes(63, 2), 128);
  EXPECT_EQ(dram.moved_bytes(64, 64), 64);
  (void)dram.access(63, 2, false, 0);
  EXPECT_EQ(dram.counters().reads, 2);
}

TEST(DramSystem, RunsQueueUpInTheOrderOfTheCalls) {
  DramSystem a(quiet_dram("DDR4-2400"));
  DramSystem b(quiet_dram("DDR4-2400"));
  (void)a.access(0, 64, false, 500);
  (void)b.access(0, 64, false, 500);
  EXPECT_EQ(a.access(1 << 20, 64, false, 100), b.access(1 << 20, 64, false, 500));
}

TEST(DramSystem, RefreshComesBetween) {
  Dram dram = find_dram("DDR4-2400");
  DramSystem system(dram);
  // A closed row's column would come at the refresh's clock: the refresh goes first, on closed
  // banks, and the row is opened after it.
  const DramClock arrival = dram.t.refi - dram.t.rcd_rd;
  EXPECT_EQ(system.access(0, 64, false, arrival), dram.t.refi + dram.t.rfc + 40);
  EXPECT_EQ(system.counters().refreshes, 1);
  DramSystem before(dram);  // one clock earlier it still goes
  EXPECT_EQ(before.access(0, 64, false, arrival - 1), arrival - 1 + 40);
  EXPECT_EQ(before.counters().refreshes, 0);
  before.finish(dram.t.refi * 3);
  EXPECT_EQ(before.counters().refreshes, 3);
}

// What `access` does with a run must be what it does with the run's bursts one by one, at the same
// clocks, whatever shortcuts it takes for runs.
TEST(DramSystem, ARunIsItsBursts) {
  std::mt19937 random(7);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(high - low + 1));
  };
  const std::vector<std::string> mappings{
      "ro-ra-ba-co-bg-ch",      "RoBaRaCoCh",        "rochrababgco",
      "ro-co-ra-ba-bg-ch",      "rorabgbachco",      "ro-co-ba-bg-ra-ch-co2",
      "ro-co-ba-bg-ra-ch-co2^", "ch-ro-ba-bg-ra-co", "ro-ba-ch-co-bg-ra"};
  for (int trial = 0; trial < 120; ++trial) {
    const auto kinds = dram_kinds();
    Dram dram = find_dram(kinds[static_cast<std::size_t>(pick(0, 4))]);
    dram.channels = static_cast<int>(pick(1, 9));
    dram.ranks = static_cast<int>(pick(1, 2));
    if (pick(0, 5) == 0) dram.page = DramPage::kClosed;
    if (pick(0, 2) == 0) dram.t.ccd_l += static_cast<int>(pick(0, 5));
    const std::string& mapping = mappings[static_cast<std::size_t>(pick(0, 8))];
    dram = mapped(dram, mapping);
    SCOPED_TRACE(dram.kind + " " + mapping + " channels " + std::to_string(dram.channels) +
                 " trial " + std::to_string(trial));
    DramSystem whole(dram);
    DramSystem parts(dram);
    DramClock clock = 0;
    for (int run = 0; run < 12; ++run) {
      const std::int64_t first = pick(0, 3) == 0 ? pick(0, 1 << 20) * 64 : pick(0, 4000) * 32768;
      const std::int64_t bursts = pick(0, 3) == 0 ? pick(1, 40) : pick(1, 20000);
      const bool write = pick(0, 1) != 0;
      clock += pick(0, 2) == 0 ? pick(0, 50000) : pick(0, 200);
      const std::int64_t address = first / dram.burst_bytes * dram.burst_bytes;
      DramClock last = 0;
      for (std::int64_t i = 0; i < bursts; ++i) {
        last = std::max(
            last, parts.access(address + i * dram.burst_bytes, dram.burst_bytes, write, clock));
      }
      ASSERT_EQ(whole.access(address, bursts * dram.burst_bytes, write, clock), last);
    }
    whole.finish(clock + 10000000);
    parts.finish(clock + 10000000);
    ASSERT_EQ(whole.counters(), parts.counters());
  }
}

TEST(DramSystem, CountersAddUp) {
  for (const DramScheduler scheduler : {DramScheduler::kInOrder, DramScheduler::kFrFcfs}) {
    Dram dram = find_dram("DDR4-2400");
    dram.scheduler = scheduler;
    DramSystem system(dram);
    (void)system.access(0, 1 << 20, false, 0);
    (void)system.access(1 << 25, 1 << 18, true, 0);
    const DramCounters c = system.counters();
    EXPECT_EQ(c.reads, (1 << 20) / 64);
    EXPECT_EQ(c.writes, (1 << 18) / 64);
    EXPECT_EQ(c.hits + c.misses + c.conflicts, c.reads + c.writes);
    EXPECT_GE(c.activates, c.misses + c.conflicts);
    EXPECT_LE(c.precharges, c.activates);
    EXPECT_NEAR(system.busy_clocks(), 4.0 * static_cast<double>(c.reads + c.writes), 1e-9);
  }
}

}  // namespace
}  // namespace octet::sim
