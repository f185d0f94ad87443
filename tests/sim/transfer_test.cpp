#include "sim/timing/transfer.hpp"

#include <gtest/gtest.h>

#include <random>

#include "sim/config/hardware.hpp"

namespace octet::sim {
namespace {

TEST(ClockRatio, RoundsUp) {
  const ClockRatio up(1200000000, 500000000);  // 2.4
  EXPECT_EQ(up.up(0), 0);
  EXPECT_EQ(up.up(1), 3);
  EXPECT_EQ(up.up(5), 12);
  EXPECT_EQ(up.up(6), 15);
  const ClockRatio same(700000000, 700000000);
  EXPECT_EQ(same.up(123456789012345678), 123456789012345678);
  std::mt19937_64 random(2);
  for (int trial = 0; trial < 2000; ++trial) {
    const auto to = static_cast<std::int64_t>(random() % 4000000 + 1);
    const auto from = static_cast<std::int64_t>(random() % 4000000 + 1);
    const auto value = static_cast<std::int64_t>(random() % 2000000000000);
    const std::int64_t whole = value / from * to;
    ASSERT_EQ(ClockRatio(to * 1000, from * 1000).up(value),
              whole + (value % from * to + from - 1) / from)
        << value << " of " << from << " in " << to;
  }
}

// By the rules: a run a cycle, not before the run `in_flight` before it is done.
TEST(DmaPort, KeepsSoManyRunsInFlight) {
  Hardware hardware = find_hardware("edge");
  for (const int in_flight : {1, 3, 16}) {
    hardware.dma_in_flight = in_flight;
    DramSystem memory(hardware.dram);
    std::vector<std::int64_t> ends, clocks;
    const DramObserver observe = [&](std::int64_t, std::int64_t, bool, std::int64_t clock) {
      clocks.push_back(clock);
    };
    DmaPort port(hardware, {observe, in_flight == 3});
    const std::int64_t start = 1000;
    const Transfer sent = port.send({100, 40, 50, 4096 + 20, false}, start);
    std::int64_t bytes = 0, last = 0;
    const ClockRatio clocks_of(hardware.dram.clock_hz, hardware.clock_hz);
    const ClockRatio cycles_of(hardware.clock_hz, hardware.dram.clock_hz);
    for (std::int64_t i = 0; i < 40; ++i) {
      const std::int64_t slot =
          i < in_flight ? 0 : ends[static_cast<std::size_t>(i - in_flight)] - start;
      const std::int64_t arrival = clocks_of.up(start + std::max(i, slot));
      ASSERT_EQ(clocks[static_cast<std::size_t>(i)], arrival);
      const std::int64_t address = 100 + i * (4096 + 20);
      ends.push_back(cycles_of.up(memory.access(address, 50, false, arrival)));
      last = std::max(last, ends.back());
      bytes += memory.moved_bytes(address, 50);
    }
    EXPECT_EQ(sent.cycles, last - start);
    EXPECT_EQ(sent.bytes, bytes);
  }
}

}  // namespace
}  // namespace octet::sim
