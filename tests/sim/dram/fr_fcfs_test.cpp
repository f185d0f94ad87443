#include "sim/dram/fr_fcfs_channel.hpp"

#include "sim/dram/fr_fcfs_system.hpp"
#include "sim/dram/measure.hpp"
#include "tests/sim/dram/dram_fixture.hpp"

namespace octet::sim {
namespace {

// Idle closed row: to its bank in the clock of arrival, activated in the next.
constexpr DramClock closed(const Dram& dram) {
  return 1 + dram.t.rcd_rd + dram.t.cl + dram.burst_clocks;
}

TEST(FrFcfs, OneRequest) {
  const Dram dram = quiet_dram("DDR4-2400");
  FrFcfsChannel channel(dram);
  channel.advance(100);
  channel.push(3, 7, false, 100);
  EXPECT_EQ(channel.drain(), 100 + closed(dram));
  EXPECT_EQ(channel.latency_sum(), closed(dram));
  EXPECT_EQ(channel.counters().misses, 1);
}

TEST(FrFcfs, AHitOvertakesAConflict) {
  const Dram dram = quiet_dram("DDR4-2400");
  FrFcfsChannel channel(dram);
  channel.push(0, 1, false, 0);
  (void)channel.drain();
  const DramClock start = channel.clock();
  channel.push(0, 2, false, start);
  channel.push(0, 1, false, start);
  (void)channel.drain();
  const DramCounters c = channel.counters();
  // The hit first: its row is closed once, and each row opened once.
  EXPECT_EQ(c.hits, 1);
  EXPECT_EQ(c.conflicts, 1);
  EXPECT_EQ(c.activates, 2);
  EXPECT_EQ(c.precharges, 1);
}

TEST(FrFcfs, FourHitsWhileAnOlderRequestWaits) {
  Dram dram = quiet_dram("DDR4-2400");
  dram.t.rtp = 4;  // shorter than tCCD_L, or the next hit were always ready first
  FrFcfsChannel channel(dram);
  channel.push(0, 1, false, 0);
  channel.advance(1);
  channel.push(0, 2, false, 1);
  for (DramClock clock = 2; clock < 8; ++clock) {
    channel.advance(clock);
    channel.push(0, 1, false, clock);
  }
  (void)channel.drain();
  // Row 1 serves four, row 2 its one, row 1 is opened again for the other three.
  EXPECT_EQ(channel.counters().activates, 3);
  EXPECT_EQ(channel.counters().reads, 8);
}

TEST(FrFcfs, WritesWaitForReads) {
  Dram dram = quiet_dram("DDR4-2400");
  dram.queue = 8;
  FrFcfsChannel channel(dram);
  for (int i = 0; i < 3; ++i) channel.push(0, 1, true, 0);
  channel.push(1, 1, false, 0);
  channel.advance(10000);  // three writes are fewer than half a queue: they stay
  EXPECT_EQ(channel.counters().reads, 1);
  EXPECT_EQ(channel.counters().writes, 0);
  channel.push(0, 1, true, 10000);  // half a queue and no read
  channel.advance(20000);
  EXPECT_EQ(channel.counters().writes, 4);
  channel.push(0, 1, true, 20000);
  (void)channel.drain();  // told to
  EXPECT_EQ(channel.counters().writes, 5);
}

TEST(FrFcfs, AFullQueueTakesNoMore) {
  Dram dram = quiet_dram("DDR4-2400");
  dram.queue = 4;
  dram.bank_queue = 0;
  FrFcfsChannel channel(dram);
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(channel.has_space(false));
    channel.push(0, 1, false, 0);
  }
  EXPECT_FALSE(channel.has_space(false));
  EXPECT_TRUE(channel.has_space(true));
  // A place is free when the first column command has gone: activated at 1, read tRCD later.
  EXPECT_EQ(channel.advance_to_space(false), 1 + dram.t.rcd_rd + 1);
}

// Whatever the queues, everything is served in the end.
TEST(FrFcfs, NothingIsLeft) {
  for (const int queue : {1, 2, 3, 8, 32}) {
    for (const int bank_queue : {0, 1, 8}) {
      for (const int writes : {0, 10, 30, 50, 90, 100}) {
        for (const DramPattern pattern : {DramPattern::kSequential, DramPattern::kRandom}) {
          Dram dram = find_dram("HBM2");
          dram.channels = 2;
          dram.ranks = 2;
          dram.queue = queue;
          dram.bank_queue = bank_queue;
          dram.scheduler = DramScheduler::kFrFcfs;
          DramLoad load;
          load.pattern = pattern;
          load.write_percent = writes;
          const DramCounters c = measure(dram, load, 3000).counters;
          ASSERT_EQ(c.reads + c.writes, 3000) << queue << " " << bank_queue << " " << writes;
        }
      }
    }
  }
}

TEST(FrFcfs, ClosedPagesOpenARowForEachBurst) {
  Dram dram = quiet_dram("DDR4-2400");
  dram.page = DramPage::kClosed;
  FrFcfsSystem system(dram);
  (void)system.run(0, 100, false, 0);
  EXPECT_EQ(system.counters().activates, 100);
  EXPECT_EQ(system.counters().precharges, 100);
  EXPECT_EQ(system.counters().hits, 0);
}

TEST(FrFcfs, RefreshHoldsItsRankOnly) {
  Dram dram = find_dram("DDR4-2400");
  dram.ranks = 2;
  FrFcfsChannel channel(dram);
  const DramClock due = dram.t.refi / 2;  // of rank 0
  channel.advance(due + 1);
  EXPECT_EQ(channel.counters().refreshes, 1);
  channel.push(16, 1, false, due + 1);
  EXPECT_EQ(channel.drain(), due + 1 + closed(dram));
  channel.push(0, 1, false, channel.clock());
  EXPECT_EQ(channel.drain(), due + dram.t.rfc + closed(dram) - 1);
}

}  // namespace
}  // namespace octet::sim
