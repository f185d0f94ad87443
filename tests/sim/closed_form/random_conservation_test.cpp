// What goes in comes out, of random networks on random machines.
#include "tests/sim/random_step.hpp"
#include "tests/sim/stored_once.hpp"

namespace octet::sim {
namespace {

// Multiply-accumulates are the network's, bytes are those of whole bursts, and no unit, nor the
// array's cells, nor the memory's bus, works longer than the step lasts.
TEST(RandomSteps, WorkAndTimeAddUp) {
  RandomPairs pairs(seed_of_test());
  for (int i = 0; i < 150; ++i) {
    const RandomStep step(pairs);
    const Hardware& hw = step.hardware;
    const StepStats stats = step.run(hw);
    SCOPED_TRACE("step " + std::to_string(i) + ", seed " + std::to_string(seed_of_test()));
    const auto array = static_cast<int>(Unit::kMacArray);
    for (const workloads::Node& n : step.network.nodes) {
      for (const Phase phase : {Phase::kForward, Phase::kWeightGradient})
        EXPECT_EQ(stats.at(n.id, static_cast<int>(phase), array).macs, n.macs() * step.batch)
            << n.name;
    }
    const Counters total = stats.total();
    EXPECT_EQ(total.cycles, stats.cycles);
    EXPECT_LE(total.macs, stats.cycles * hw.cells());
    EXPECT_EQ((stats.dram.reads + stats.dram.writes) * hw.dram.burst_bytes, total.dram_bytes);
    std::int64_t moved = 0;
    for (const Traffic& t : stats.traffic) {
      moved += t.read + t.written;
      EXPECT_LE(t.refetched, t.read);
    }
    EXPECT_EQ(moved, total.dram_bytes);
    if (stats.commands <= kWholeCommands) {  // times of longer steps are near, not exact
      for (const UnitTime& unit : stats.unit_time) {
        EXPECT_GE(unit.stall, 0);
        EXPECT_LE(unit.busy + unit.stall, stats.cycles);
      }
    }
    if (HasFailure()) return;
  }
}

// Every tensor is stored once and whole, or was there; all that is read is there.
TEST(RandomSteps, EveryTensorIsStoredOnce) {
  RandomPairs pairs(seed_of_test());
  for (int i = 0; i < 60; ++i) {
    const RandomStep step(pairs);
    SCOPED_TRACE("step " + std::to_string(i) + ", seed " + std::to_string(seed_of_test()));
    const Program program = lower(step.network, step.recipe, step.hardware, step.batch);
    const std::vector<std::int64_t> loaded = expect_stored_once(program);
    for (std::size_t t = 0; t < program.tensors.size(); ++t) {
      const Tensor& tensor = program.tensors[t];
      if (tensor.address < 0) continue;
      const bool given = tensor.kind == TensorKind::kImage || tensor.kind == TensorKind::kLabel;
      if (!given) {
        EXPECT_GT(loaded[t], 0) << tensor.name;
      }
    }
    if (HasFailure()) return;
  }
}

// With a memory that takes no time, half the clock takes the same cycles: twice the time exactly.
TEST(RandomSteps, HalfTheClockTakesTwiceTheTime) {
  RandomPairs pairs(seed_of_test());
  for (int i = 0; i < 60; ++i) {
    const RandomStep step(pairs);
    Hardware hw = step.hardware;
    hw.dram.clock_hz = 1000000000000000;
    hw.dram.burst_clocks = 1;
    hw.dram.t = {};
    Hardware half = hw;
    half.clock_hz /= 2;
    EXPECT_EQ(step.run(half, step.hardware).cycles, step.run(hw, step.hardware).cycles)
        << "step " << i << ", seed " << seed_of_test();
  }
}

}  // namespace
}  // namespace octet::sim
