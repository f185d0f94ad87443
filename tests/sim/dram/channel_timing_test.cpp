// Each rule at its edge: legal at clock n, not at n - 1. Times that differ from one another, so
// that no rule can pass for another.
#include "sim/dram/channel_timing.hpp"

#include "tests/sim/dram/dram_fixture.hpp"

namespace octet::sim {
namespace {

// One rank of 2 groups of 2 banks: 0 and 1 share a group, 2 and 3 the other.
Dram odd_dram(int ranks = 1) {
  Dram dram = quiet_dram("DDR4-2400");
  dram.ranks = ranks;
  dram.bank_groups = 2;
  dram.banks = 2;
  dram.burst_clocks = 4;
  dram.t.cl = 20;
  dram.t.cwl = 11;
  dram.t.rcd_rd = 17;
  dram.t.rcd_wr = 19;
  dram.t.rp = 15;
  dram.t.ras = 37;
  dram.t.rc = 52;
  dram.t.ccd_s = 5;
  dram.t.ccd_l = 7;
  dram.t.rrd_s = 6;
  dram.t.rrd_l = 9;
  dram.t.faw = 40;
  dram.t.wtr_s = 3;
  dram.t.wtr_l = 8;
  dram.t.wr = 18;
  dram.t.rtp = 10;
  dram.t.rtrs = 2;
  return dram;
}

constexpr DramClock kStart = 1000;

TEST(ChannelTiming, ActivateToColumn) {
  ChannelTiming t(odd_dram());
  t.activate(0, 5, kStart);
  EXPECT_EQ(t.open_row(0), 5);
  EXPECT_EQ(t.earliest_column(0, false), kStart + 17);
  EXPECT_EQ(t.earliest_column(0, true), kStart + 19);
}

TEST(ChannelTiming, ActivateToPrechargeToActivate) {
  ChannelTiming t(odd_dram());
  t.activate(0, 5, kStart);
  EXPECT_EQ(t.earliest_precharge(0), kStart + 37);  // tRAS
  EXPECT_EQ(t.earliest_activate(0), kStart + 52);   // tRC
  t.precharge(0, kStart + 45);
  EXPECT_EQ(t.open_row(0), -1);
  EXPECT_EQ(t.earliest_activate(0), kStart + 60);  // tRP after a late precharge
}

TEST(ChannelTiming, ActivateToActivateOfOtherBanks) {
  ChannelTiming t(odd_dram());
  t.activate(0, 5, kStart);
  EXPECT_EQ(t.earliest_activate(1), kStart + 9);  // tRRD_L
  EXPECT_EQ(t.earliest_activate(2), kStart + 6);  // tRRD_S
}

TEST(ChannelTiming, NoFiveActivatesWithinFaw) {
  Dram dram = odd_dram();
  dram.bank_groups = 8;
  ChannelTiming t(dram);
  for (int i = 0; i < 4; ++i) t.activate(2 * i, 5, kStart + 6 * i);
  EXPECT_EQ(t.earliest_activate(8), kStart + 40);  // and not 24, tRRD_S after the fourth
  t.activate(8, 5, kStart + 40);
  EXPECT_EQ(t.earliest_activate(10), kStart + 46);  // the second was at 6
}

TEST(ChannelTiming, ColumnToColumn) {
  for (const bool write : {false, true}) {
    ChannelTiming t(odd_dram());
    for (int b = 0; b < 4; ++b) t.activate(b, 5, kStart + 9 * b - 100);
    (void)t.column(0, write, kStart);
    EXPECT_EQ(t.earliest_column(0, write), kStart + 7);  // tCCD_L
    EXPECT_EQ(t.earliest_column(1, write), kStart + 7);
    EXPECT_EQ(t.earliest_column(2, write), kStart + 5);  // tCCD_S
  }
}

TEST(ChannelTiming, TheBusHoldsColumnsToTheBurst) {
  Dram dram = odd_dram();
  dram.burst_clocks = 8;
  ChannelTiming t(dram);
  t.activate(0, 5, 0);
  t.activate(2, 5, 6);
  (void)t.column(0, false, kStart);
  EXPECT_EQ(t.earliest_column(0, false), kStart + 8);
  EXPECT_EQ(t.earliest_column(2, false), kStart + 8);
}

TEST(ChannelTiming, ReadToWrite) {
  ChannelTiming t(odd_dram());
  t.activate(0, 5, 0);
  t.activate(2, 5, 6);
  (void)t.column(0, false, kStart);
  // Its data end at CL + BL/2, written data start CWL after their command, tRTRS between them.
  EXPECT_EQ(t.earliest_column(0, true), kStart + 20 + 4 + 2 - 11);
  EXPECT_EQ(t.earliest_column(2, true), kStart + 20 + 4 + 2 - 11);
}

TEST(ChannelTiming, WriteToRead) {
  ChannelTiming t(odd_dram());
  t.activate(0, 5, 0);
  t.activate(2, 5, 6);
  (void)t.column(0, true, kStart);
  EXPECT_EQ(t.earliest_column(0, false), kStart + 11 + 4 + 8);  // tWTR_L
  EXPECT_EQ(t.earliest_column(2, false), kStart + 11 + 4 + 3);  // tWTR_S
}

TEST(ChannelTiming, ColumnToPrecharge) {
  ChannelTiming t(odd_dram());
  t.activate(0, 5, 0);
  t.activate(2, 5, 6);
  (void)t.column(0, false, kStart);
  EXPECT_EQ(t.earliest_precharge(0), kStart + 10);  // tRTP
  (void)t.column(2, true, kStart + 100);
  EXPECT_EQ(t.earliest_precharge(2), kStart + 100 + 11 + 4 + 18);  // tWR
  EXPECT_EQ(t.earliest_precharge(0), kStart + 10);
}

TEST(ChannelTiming, DataFollowTheCommand) {
  ChannelTiming t(odd_dram());
  t.activate(0, 5, 0);
  EXPECT_EQ(t.column(0, false, kStart), kStart + 20 + 4);
  EXPECT_EQ(t.column(0, true, kStart + 100), kStart + 100 + 11 + 4);
}

TEST(ChannelTiming, RanksTakeTurnsOnTheBus) {
  ChannelTiming t(odd_dram(2));
  t.activate(0, 5, 0);
  t.activate(4, 5, 1);  // another rank: no tRRD
  EXPECT_EQ(t.rank_of(3), 0);
  EXPECT_EQ(t.rank_of(4), 1);
  (void)t.column(0, false, kStart);
  EXPECT_EQ(t.earliest_column(4, false), kStart + 4 + 2);
  EXPECT_EQ(t.earliest_column(4, true), kStart + 20 + 4 + 2 - 11);
  (void)t.column(0, true, kStart + 100);
  EXPECT_EQ(t.earliest_column(4, true), kStart + 100 + 4 + 2);
  // The written data end at 15, tRTRS after them the bus is free, a read's come after 20.
  EXPECT_EQ(t.earliest_column(4, false), kStart + 101);
}

TEST(ChannelTiming, WithoutGroupsTheShortTimesHold) {
  Dram dram = odd_dram();
  dram.bank_groups = 1;
  dram.banks = 4;
  ChannelTiming t(dram);
  t.activate(0, 5, 0);
  EXPECT_EQ(t.earliest_activate(1), 6);
  (void)t.column(0, false, kStart);
  EXPECT_EQ(t.earliest_column(0, false), kStart + 5);
}

TEST(ChannelTiming, RefreshClosesWaitsAndBlocks) {
  Dram dram = odd_dram();
  dram.t.refi = 5000;
  dram.t.rfc = 300;
  ChannelTiming t(dram);
  t.activate(0, 5, 4990);
  EXPECT_EQ(t.refresh_due(0), 5000);
  EXPECT_EQ(t.refresh(0, 5000), 1);  // one bank was open
  EXPECT_EQ(t.open_row(0), -1);
  // tRAS after the activate, tRP, tRFC; for every bank of the rank.
  EXPECT_EQ(t.earliest_activate(0), 4990 + 37 + 15 + 300);
  EXPECT_EQ(t.earliest_activate(3), 4990 + 37 + 15 + 300);
  EXPECT_EQ(t.refresh_due(0), 10000);
  EXPECT_EQ(t.idle_refreshes(0, 10299), 0);
  EXPECT_EQ(t.idle_refreshes(0, 10300), 1);
  EXPECT_EQ(t.idle_refreshes(0, 100000), 17);  // 15000 to 95000
  EXPECT_EQ(t.refresh_due(0), 100000);
}

TEST(ChannelTiming, RanksRefreshInTurn) {
  Dram dram = odd_dram(4);
  dram.t.refi = 8000;
  const ChannelTiming t(dram);
  EXPECT_EQ(t.refresh_due(0), 2000);
  EXPECT_EQ(t.refresh_due(3), 8000);
}

}  // namespace
}  // namespace octet::sim
