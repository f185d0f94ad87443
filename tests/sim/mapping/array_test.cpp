#include "sim/mapping/array.hpp"

#include "sim/mapping/compute.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

constexpr Dataflow kFlows[] = {Dataflow::kOutput, Dataflow::kWeight, Dataflow::kInput};

Hardware array_of(int rows, int cols, bool overlap = false) {
  HardwareText text;
  text.rows = rows;
  text.cols = cols;
  text.banks = 16;
  text.width = 32;
  text.fold_overlap = overlap;
  return text.read();
}

// The example of docs/timing.md: 20 x 30 by 30 x 10 on 8 x 8.
TEST(Array, WorkedExample) {
  const ArrayWork work{20, 10, 30};
  const Hardware hw = array_of(8, 8);
  EXPECT_EQ(array_cycles(work, Dataflow::kOutput, hw), 3 * 2 * (30 + 14));
  EXPECT_EQ(array_cycles(work, Dataflow::kWeight, hw), 4 * 2 * (8 + 20 + 14));
  EXPECT_EQ(array_cycles(work, Dataflow::kInput, hw), 4 * 3 * (8 + 10 + 14));
  const Hardware shadow = array_of(8, 8, true);
  EXPECT_EQ(array_cycles(work, Dataflow::kOutput, shadow), 5 * 30 + 30 + 14);
  EXPECT_EQ(array_cycles(work, Dataflow::kWeight, shadow), 8 + 7 * 20 + 20 + 14);
  EXPECT_EQ(array_cycles(work, Dataflow::kInput, shadow), 8 + 11 * 10 + 10 + 14);
  // Shorter than the shadow registers take to fill: a row a cycle bounds the fold.
  EXPECT_EQ(array_cycles({4, 8, 24}, Dataflow::kWeight, shadow), 8 + 2 * 8 + 4 + 14);
  EXPECT_EQ(array_cycles({24, 8, 2}, Dataflow::kOutput, shadow), 2 * 8 + 2 + 14);
}

// The same example on two arrays: each takes half of the folds, the odd one alone.
TEST(Array, ArraysShareFolds) {
  const ArrayWork work{20, 10, 30};
  Hardware hw = array_of(8, 8);
  hw.arrays = 2;
  EXPECT_EQ(array_cycles(work, Dataflow::kOutput, hw), 3 * (30 + 14));
  EXPECT_EQ(array_cycles(work, Dataflow::kWeight, hw), 4 * (8 + 20 + 14));
  hw.fold_overlap = true;
  EXPECT_EQ(array_cycles(work, Dataflow::kWeight, hw), 8 + 3 * 20 + 20 + 14);
  hw.arrays = 5;  // 6 folds of sums: two turns
  EXPECT_EQ(array_cycles(work, Dataflow::kOutput, hw), 1 * 30 + 30 + 14);
  hw.arrays = 100;
  EXPECT_EQ(array_cycles(work, Dataflow::kOutput, hw), 30 + 14);
  EXPECT_EQ(hw.cells(), 6400);
  // 8 columns of 4 bytes pass a port of 512 bytes a cycle for 16 arrays, not for 17.
  hw.fold_overlap = false;
  hw.arrays = 16;
  EXPECT_EQ(array_cycles({20, 8, 8}, Dataflow::kWeight, hw), 8 + 2 + 14);  // 20 steps shared by 16
  EXPECT_TRUE(ports_feed(Dataflow::kInput, hw));
  hw.arrays = 17;
  EXPECT_EQ(array_cycles({20, 8, 8}, Dataflow::kWeight, hw), 8 + 2 * 2 + 14);
  hw.arrays = 33;  // 33 x 8 columns of 16 bits, 528 bytes
  EXPECT_FALSE(ports_feed(Dataflow::kWeight, hw));
}

// A product of five folds on two arrays: three turns, or five of half as many steps.
TEST(Array, ArraysShareSteps) {
  const ArrayWork work{1000, 8, 40};
  Hardware hw = array_of(8, 8);
  hw.arrays = 2;
  hw.fold_overlap = true;
  EXPECT_EQ(array_cycles(work, Dataflow::kWeight, hw), 8 + 4 * 500 + 500 + 14);
  EXPECT_EQ(array_cycles({5, 8, 40}, Dataflow::kWeight, hw), 8 + 2 * 8 + 5 + 14);
  hw.arrays = 4;  // five turns of 250 steps, three of 500, two of 1000
  EXPECT_EQ(array_cycles(work, Dataflow::kWeight, hw), 8 + 4 * 250 + 250 + 14);
  hw.arrays = 1;
  EXPECT_EQ(array_cycles(work, Dataflow::kWeight, hw), 8 + 4 * 1000 + 1000 + 14);
}

// Published cycles of a ResNet-18 layer (unpadded, 32 x 32), less their off-by-one, for its
// forward product, data gradient and weight gradient.
TEST(Array, PublishedTables) {
  const Hardware hw = array_of(32, 32);
  const ArrayWork forward{2916, 64, 576}, down{2916, 576, 64}, weight{64, 576, 2916};
  const std::int64_t want[3][3] = {
      {117391, 208655, 107207}, {108359, 108359, 261647}, {261647, 123279, 123279}};
  for (int flow = 0; flow < 3; ++flow) {
    EXPECT_EQ(array_cycles(forward, kFlows[flow], hw), want[flow][0] + 1);
    EXPECT_EQ(array_cycles(down, kFlows[flow], hw), want[flow][1] + 1);
    EXPECT_EQ(array_cycles(weight, kFlows[flow], hw), want[flow][2] + 1);
  }
}

TEST(Array, GroupsArePackedSideBySide) {
  const Hardware hw = array_of(8, 8);
  // Depthwise 2 x 2: a group keeps 4 weights in one column; two groups fill the rows.
  const ArrayWork depthwise{20, 1, 4, 6};
  EXPECT_EQ(array_folds(depthwise, Dataflow::kWeight, hw).packed, 2);
  EXPECT_EQ(array_cycles(depthwise, Dataflow::kWeight, hw), 3 * (8 + 20 + 14));
  // Output stationary: 20 pixels fill the rows alone.
  EXPECT_EQ(array_cycles(depthwise, Dataflow::kOutput, hw), 6 * 3 * (4 + 14));
  // Its weight gradient: 4 x 1 sums of a group, so two groups again; five groups take three folds.
  EXPECT_EQ(array_cycles({4, 1, 20, 5}, Dataflow::kOutput, hw), 3 * (20 + 14));
  // No more than the groups there are.
  EXPECT_EQ(array_cycles({1, 1, 20, 3}, Dataflow::kOutput, hw), 20 + 14);
}

TEST(Array, NoMoreThanOneProductACellAndCycle) {
  std::mt19937 random(5);
  const auto draw = [&](int most) { return static_cast<std::int64_t>(1 + random() % most); };
  Hardware hw = array_of(1, 1);
  for (int i = 0; i < 20000; ++i) {
    hw.rows = static_cast<int>(draw(40));
    hw.cols = static_cast<int>(draw(40));
    const ArrayWork work{draw(200), draw(200), draw(200), draw(20), 1, 4};
    for (const Dataflow flow : kFlows) {
      hw.fold_overlap = false;
      const std::int64_t plain = array_cycles(work, flow, hw);
      hw.fold_overlap = true;
      const std::int64_t overlapped = array_cycles(work, flow, hw);
      EXPECT_LE(overlapped, plain);
      EXPECT_GE(overlapped * hw.rows * hw.cols, work.m * work.n * work.k * work.groups);
      ArrayWork twice = work;
      twice.passes = 2;
      EXPECT_GE(array_cycles(twice, flow, hw), overlapped);
    }
    if (HasFailure()) return;
  }
}

TEST(Array, SumsOfEightBytesWaitForTheirPort) {
  HardwareText text;  // 8 columns, a port of 32 bytes a cycle for the accumulators
  text.banks = 4;
  text.width = 8;
  const Hardware hw = text.read();
  ArrayWork work{20, 10, 30, 1, 1, 8};
  EXPECT_EQ(array_cycles(work, Dataflow::kWeight, hw), 8 * (8 + 2 * 20 + 14));
  EXPECT_EQ(array_cycles(work, Dataflow::kOutput, hw), 6 * (30 + 14));
}

TEST(Array, PortsDecideWhatAutoMayUse) {
  HardwareText text;
  text.rows = 16;
  text.cols = 8;
  text.width = 4;  // 16 bytes a cycle: feeds 16 rows of codes, not 16 rows of 16 bits
  text.accumulator = 65536;
  text.cols = 4;
  const Hardware hw = text.read();
  EXPECT_TRUE(ports_feed(Dataflow::kOutput, hw));
  EXPECT_TRUE(ports_feed(Dataflow::kWeight, hw));
  EXPECT_FALSE(ports_feed(Dataflow::kInput, hw));
  text.dataflow = "is";
  EXPECT_THROW((void)text.read(), std::exception);
}

TEST(Compute, BestDataflowIsTheFastest) {
  Product p;
  p.shape = {{56, 54, 3, 1, 0, 1}, {56, 54, 3, 1, 0, 1}, 1, 1, 64, 64};
  Tiling t{1, 54, 54, 1, 64, 576};
  Hardware hw = array_of(32, 32);
  EXPECT_EQ(best_dataflow(p, t, hw), Dataflow::kWeight);
  hw.dataflow = Dataflow::kInput;
  EXPECT_EQ(best_dataflow(p, t, hw), Dataflow::kInput);
  p.gemm = Gemm::kWeightGradient;
  p.result_bytes = 8;
  hw.dataflow = std::nullopt;
  EXPECT_EQ(best_dataflow(p, t, hw), Dataflow::kOutput);
}

}  // namespace
}  // namespace octet::sim
