// What goes in comes out: work, bytes and time of whole steps, over networks and random machines.
#include <algorithm>
#include <iostream>

#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/random_machine.hpp"
#include "tests/sim/stored_once.hpp"

namespace octet::sim {
namespace {

constexpr const char* kNetworks[] = {"tiny-cnn", "fashion-cnn", "resnet-20"};

Hardware random_hardware(std::mt19937& random) {
  HardwareText text = random_machine(random);
  text.channels = 1 + static_cast<int>(random() % 2);
  return text.read();
}

TEST(Conservation, WorkBytesAndTime) {
  std::mt19937 random(21);
  for (int round = 0; round < 12; ++round) {
    const auto network = workloads::find_network(kNetworks[round % 3]);
    const Hardware hw = random_hardware(random);
    const int batch = 1 + static_cast<int>(random() % 4);
    const char* recipe = round % 2 == 0 ? "int8" : "int8-delayed";
    SCOPED_TRACE(network.name + " round " + std::to_string(round));
    const Program program = lower(network, model::find_recipe(recipe), hw, batch);
    const StepStats stats = run_machine(program, hw).stats;
    // Multiply-accumulates: forward and weight gradient are the network's.
    for (const workloads::Node& n : network.nodes) {
      const auto unit = static_cast<int>(Unit::kMacArray);
      for (const Phase phase : {Phase::kForward, Phase::kWeightGradient}) {
        EXPECT_EQ(stats.at(n.id, static_cast<int>(phase), unit).macs, n.macs() * batch) << n.name;
      }
    }
    // Bytes: every tensor is stored once and whole, or was there before the step; whatever is read
    // was there; parameters and velocities are written back; the rest of what is read is read
    // again.
    const std::vector<std::int64_t> loaded = expect_stored_once(program);
    for (std::size_t t = 0; t < program.tensors.size(); ++t) {
      const Tensor& tensor = program.tensors[t];
      if (tensor.address < 0) continue;
      EXPECT_GE(loaded[t], tensor.bytes()) << tensor.name;
    }
    // Time: no unit is busy for longer than the step, and the array does no more than it can.
    for (const UnitTime& unit : stats.unit_time) EXPECT_LE(unit.busy, stats.cycles);
    EXPECT_EQ(stats.total().cycles, stats.cycles);
    EXPECT_LE(stats.total().macs, stats.cycles * hw.rows * hw.cols);
    std::int64_t read = 0, refetched = 0;
    for (const Traffic& traffic : stats.traffic) {
      read += traffic.read;
      refetched += traffic.refetched;
      EXPECT_LE(traffic.refetched, traffic.read);
    }
    EXPECT_LT(refetched, read);
    if (HasFailure()) return;
  }
}

// The sizes that a program's tiles take, as they are lowered for a machine.
TEST(Conservation, NoTileExceedsHalfAScratchpad) {
  std::mt19937 random(22);
  for (int round = 0; round < 9; ++round) {
    const auto network = workloads::find_network(kNetworks[round % 3]);
    const Hardware hw = random_hardware(random);
    const Program program = lower(network, model::find_recipe("int8"), hw, 2);
    const std::int64_t halves[] = {hw.activation.half_bytes(), hw.weight.half_bytes(),
                                   hw.accumulator.half_bytes()};
    for (const Command& c : program.commands) {
      if (c.op == Opcode::kLoad || c.op == Opcode::kStore) {
        ASSERT_LE(c.dma_bytes(), halves[c.pad]);
      } else if (c.op == Opcode::kGemm) {
        const std::int64_t sum_bytes = c.phase == Phase::kWeightGradient ? 8 : 4;
        ASSERT_LE(c.rows * c.cols * c.g * sum_bytes, halves[2]);
      }
    }
  }
}

// A machine whose DRAM moves anything within a cycle: half the clock takes the same cycles, so
// twice the time exactly.
TEST(Conservation, HalfTheClockTakesTwiceTheTime) {
  Hardware hw = HardwareText{}.read();
  hw.clock_hz = 500000000;
  hw.dram.clock_hz = 1000000000000000;
  hw.dram.burst_clocks = 1;
  hw.dram.t = {};
  const auto network = workloads::find_network("fashion-cnn");
  // One program: the mapping may follow the ratio of the clocks.
  Hardware mapped = HardwareText{}.read();
  const Program program = lower(network, model::find_recipe("int8"), mapped, 8);
  const std::int64_t cycles = run_machine(program, hw).stats.cycles;
  hw.clock_hz /= 2;
  EXPECT_EQ(run_machine(program, hw).stats.cycles, cycles);
}

// On the machine, too: more room or bandwidth does not cost time. The search ranks by an estimate,
// and a tile's first load is longer where tiles are larger, hence half a percent of slack.
TEST(Conservation, MoreRoomOrBandwidthIsNotSlower) {
  std::mt19937 random(seed_of_test());
  double worst = 0.0;
  for (int round = 0; round < 24; ++round) {
    const auto network = workloads::find_network(kNetworks[round % 3]);
    const Hardware hw = random_hardware(random);
    const auto recipe = model::find_recipe(round % 2 == 0 ? "int8" : "int8-delayed");
    const auto cycles = [&](const Hardware& machine) {
      return static_cast<double>(
          run_machine(lower(network, recipe, machine, 2), machine).stats.cycles);
    };
    const double before = cycles(hw);
    for (int what = 0; what < 4; ++what) {
      Hardware more = hw;
      if (what == 0) more.activation.bytes *= 2;
      if (what == 1) more.weight.bytes *= 2;
      if (what == 2) more.accumulator.bytes *= 2;
      if (what == 3) {
        more.dram.channels *= 2;
        more.dram.burst_bytes *= 2;
        more.dram.row_bytes *= 2;
      }
      const double after = cycles(more);
      worst = std::max(worst, after / before - 1.0);
      EXPECT_LE(after, before * 1.005) << network.name << " round " << round << " what " << what;
    }
  }
  RecordProperty("worst_slower_percent", std::to_string(100.0 * worst));
  std::cout << "seed " << seed_of_test() << ", worst: " << 100.0 * worst << " % slower\n";
}

}  // namespace
}  // namespace octet::sim
