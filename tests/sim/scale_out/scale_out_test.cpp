#include "sim/program/lower.hpp"
#include "sim/scale_out/schedule.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim::scale_out {
namespace {

constexpr double kNear = 1e-15;

TEST(AllReduce, ClosedForms) {
  const Links ring{Topology::kRing, 50e9, 2e-6};
  EXPECT_EQ(all_reduce_seconds(1e9, 1, ring), 0.0);
  EXPECT_NEAR(all_reduce_seconds(1e9, 2, ring), 2 * (2e-6 + 0.5e9 / 50e9), kNear);
  EXPECT_NEAR(all_reduce_seconds(1e9, 5, ring), 8 * (2e-6 + 0.2e9 / 50e9), kNear);
  EXPECT_NEAR(all_reduce_sent_bytes(1e9, 5, Topology::kRing), 1.6e9, 1e-3);
  const Links tree{Topology::kTree, 50e9, 2e-6};
  EXPECT_EQ(all_reduce_seconds(1e9, 1, tree), 0.0);
  for (const auto& [chips, levels] :
       {std::pair(2, 1), {3, 2}, {4, 2}, {5, 3}, {8, 3}, {9, 4}, {4096, 12}, {4097, 13}}) {
    EXPECT_NEAR(all_reduce_seconds(1e9, chips, tree), 2 * levels * (2e-6 + 1e9 / 50e9), kNear)
        << chips;
  }
}

// Ring: the sum of what each chip sends is what passes a reduce-scatter and an all-gather, step by
// step.
TEST(AllReduce, RingStepByStep) {
  for (const int chips : {2, 3, 7, 64}) {
    double seconds = 0.0;
    for (int step = 0; step < 2 * (chips - 1); ++step) seconds += 1e-6 + 7e6 / chips / 1e9;
    EXPECT_NEAR(all_reduce_seconds(7e6, chips, {Topology::kRing, 1e9, 1e-6}), seconds, 1e-12);
  }
}

// Three layers, ready at 4, 7 and 10 of a backward pass of 10, updates of 1, 2 and 3.
ChipStep by_hand() {
  return {16.0, 10.0, {{"c", 4, 4.0, 1.0}, {"b", 8, 7.0, 2.0}, {"a", 2, 10.0, 3.0}}};
}

TEST(Schedule, ByHand) {
  // Two chips on a ring without latency: 2 x 1/2 of the bytes, one byte a second.
  const Schedule s = schedule(by_hand(), 1.0, 2, {Topology::kRing, 1.0, 0.0});
  EXPECT_EQ(s.reductions[0].start, 4.0);
  EXPECT_EQ(s.reductions[0].end, 8.0);
  EXPECT_EQ(s.reductions[1].start, 8.0);  // ready at 7, the links are free at 8
  EXPECT_EQ(s.reductions[1].end, 16.0);
  EXPECT_EQ(s.reductions[2].end, 18.0);
  EXPECT_EQ(s.reductions[0].updated, 11.0);  // after the backward pass
  EXPECT_EQ(s.reductions[1].updated, 18.0);
  EXPECT_EQ(s.reductions[2].updated, 21.0);
  EXPECT_EQ(s.seconds, 21.0);
  EXPECT_EQ(s.exposed, 5.0);
  EXPECT_EQ(s.reducing, 14.0);
  EXPECT_EQ(s.sent_bytes, 14.0);
}

TEST(Schedule, OneChipOrEndlessLinksTakeTheStepItself) {
  EXPECT_EQ(schedule(by_hand(), 4.0, 1, {Topology::kRing, 1.0, 1.0}).seconds, 16.0);
  const Schedule s = schedule(by_hand(), 4.0, 4096, {Topology::kRing, 1e18, 0.0});
  EXPECT_NEAR(s.seconds, 16.0, 1e-9);
}

TEST(Schedule, HiddenSumsCostNothing) {
  // The last layer's sum begins at the end of the backward pass; the others' updates hide it.
  const Schedule s = schedule(by_hand(), 1.0, 2, {Topology::kRing, 4.0, 0.0});
  EXPECT_EQ(s.exposed, 0.0);
  EXPECT_EQ(s.seconds, 16.0);
}

TEST(Schedule, LayersSummedTogether) {
  // 4 + 8 bytes reach 10, the last 2 go alone; two chips, one byte a second, latency 1: 2 (1 + S /
  // 2).
  const Links links{Topology::kRing, 1.0, 1.0};
  const Schedule s = schedule(by_hand(), 1.0, 2, links, 10.0);
  EXPECT_EQ(s.reductions[0].start, 7.0);
  EXPECT_EQ(s.reductions[1].start, 7.0);
  EXPECT_EQ(s.reductions[0].end, 7.0 + 14.0);
  EXPECT_EQ(s.reductions[1].end, 21.0);
  EXPECT_EQ(s.reductions[2].end, 25.0);
  EXPECT_EQ(s.reductions[0].updated, 22.0);
  EXPECT_EQ(s.reductions[1].updated, 24.0);
  EXPECT_EQ(s.seconds, 28.0);
  EXPECT_EQ(s.sent_bytes, schedule(by_hand(), 1.0, 2, links).sent_bytes);
  const Schedule all = schedule(by_hand(), 1.0, 2, links, 1e9);
  EXPECT_EQ(all.reductions[0].start, 10.0);
  EXPECT_EQ(all.reducing, 16.0);
  EXPECT_EQ(schedule(by_hand(), 1.0, 1, links, 1e9).seconds, 16.0);
}

TEST(Schedule, MoreBandwidthIsNeverSlowerAndBoundsHold) {
  for (const Topology topology : {Topology::kRing, Topology::kTree}) {
    for (const std::int64_t chips : {1, 2, 3, 64, 4096}) {
      double before = 1e300;
      for (double rate = 0.01; rate < 1e4; rate *= 3) {
        const Schedule s = schedule(by_hand(), 2.0, chips, {topology, rate, 0.1});
        EXPECT_LE(s.seconds, before);
        EXPECT_GE(s.seconds, 16.0);
        EXPECT_LE(s.seconds, 16.0 + s.reducing + 1e-9);
        before = s.seconds;
      }
    }
  }
}

TEST(ChipStep, CutsTheStepOfANetwork) {
  const auto network = workloads::find_network("tiny-cnn");
  for (const char* recipe : {"int8", "int8-delayed"}) {
    for (const char* machine : {"edge", "server"}) {
      const Hardware hw = find_hardware(machine);
      const Program program = lower(network, model::find_recipe(recipe), hw, 8);
      const MachineRun run = run_machine(program, hw);
      std::vector<std::int64_t> parameters;
      std::int64_t all = 0;
      for (const auto& node : network.nodes) {
        parameters.push_back(node.weights() + (node.bias ? node.out.channels : 0) +
                             (node.op == workloads::Op::kNorm ? 2L * node.out.channels : 0));
        all += parameters.back();
      }
      const ChipStep step = chip_step(program, run.intervals, hw, parameters);
      const double cycle = 1.0 / static_cast<double>(hw.clock_hz);
      EXPECT_NEAR(step.seconds, static_cast<double>(run.stats.cycles) * cycle, 1e-12);
      double updates = 0.0;
      std::int64_t counted = 0;
      double before = 0.0;
      for (const Bucket& bucket : step.buckets) {
        updates += bucket.update;
        counted += bucket.parameters;
        EXPECT_GE(bucket.ready, before);  // in the order of readiness
        EXPECT_LE(bucket.ready, step.backward + 1e-12);
        before = bucket.ready;
      }
      EXPECT_EQ(counted, all);
      std::int64_t owned = 0;
      for (int l = 0; l < run.stats.layers(); ++l)
        owned += run.stats.of_phase(l, static_cast<int>(Phase::kUpdate)).cycles;
      EXPECT_NEAR(updates, static_cast<double>(owned) * cycle, 1e-12);
      EXPECT_NEAR(step.backward + updates, step.seconds, 1e-12);
      EXPECT_NEAR(schedule(step, 4.0, 1, {Topology::kTree, 1e9, 1e-6}).seconds, step.seconds,
                  1e-12);
      // The last layer's gradients come first, the first layer's last.
      EXPECT_EQ(step.buckets.front().layer, "fc1");
    }
  }
}

}  // namespace
}  // namespace octet::sim::scale_out
