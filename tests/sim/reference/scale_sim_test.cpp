#include "sim/reference/scale_sim.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "common/error.hpp"
#include "sim/reference/training_gemms.hpp"

namespace octet::sim::scale_sim {
namespace {

// How SCALE-Sim counts: it writes a line of operands for each cycle of each fold, one fold after
// the other, and reports the number of the last line, counted from 0.
std::int64_t counted(std::int64_t down, std::int64_t across, std::int64_t stream,
                     std::int64_t preload, std::int64_t rows, std::int64_t cols) {
  std::int64_t line = -1;
  for (std::int64_t d = 0; d < down; d += rows) {
    for (std::int64_t a = 0; a < across; a += cols) {
      line += preload;                  // the stationary operand, a row a cycle
      line += stream;                   // operands enter at the first row and column
      line += (rows - 1) + (cols - 1);  // the last one reaches the far corner
    }
  }
  return line;
}

TEST(ScaleSim, EqualsCountingLines) {
  std::mt19937 generator(1);
  const auto draw = [&](int most) {
    return static_cast<std::int64_t>(1 + generator() % static_cast<unsigned>(most));
  };
  for (int i = 0; i < 300; ++i) {
    const Gemm g{draw(300), draw(300), draw(300)};
    const std::int64_t r = draw(64);
    const std::int64_t c = draw(64);
    EXPECT_EQ(compute_cycles(g, r, c, Dataflow::kOutputStationary),
              counted(g.m, g.n, g.k, 0, r, c));
    EXPECT_EQ(compute_cycles(g, r, c, Dataflow::kWeightStationary),
              counted(g.k, g.n, g.m, r, r, c));
    EXPECT_EQ(compute_cycles(g, r, c, Dataflow::kInputStationary), counted(g.k, g.m, g.n, r, r, c));
  }
}

TEST(ScaleSim, FoldsAtTheirEdge) {
  const auto os = [](std::int64_t m, std::int64_t n) {
    return compute_cycles({m, n, 10}, 8, 4, Dataflow::kOutputStationary);
  };
  EXPECT_EQ(os(8, 4), 10 + 8 + 4 - 2 - 1);
  EXPECT_EQ(os(9, 4), 2 * 20 - 1);
  EXPECT_EQ(os(8, 5), 2 * 20 - 1);
  EXPECT_EQ(os(9, 5), 4 * 20 - 1);
  EXPECT_EQ(compute_cycles({1, 1, 1}, 1, 1, Dataflow::kOutputStationary), 0);
  EXPECT_EQ(compute_cycles({1, 1, 1}, 1, 1, Dataflow::kWeightStationary), 1);
}

TEST(ScaleSim, TooLargeForACount) {
  const Gemm g{kMaxSize, kMaxSize, kMaxSize};
  EXPECT_THROW((void)compute_cycles(g, 1, 1, Dataflow::kOutputStationary), Error);
  EXPECT_GT(compute_cycles(g, 1 << 20, 1 << 20, Dataflow::kOutputStationary), 0);
}

struct Expected {
  const char *layer, *phase;
  std::int64_t os, ws, is;
};

// What SCALE-Sim v2 (commit 22f88b1) was measured to report for ResNet-18 without padding on 32x32.
TEST(ScaleSim, ResNet18AsMeasured) {
  const auto network = workloads::find_network("resnet-18");
  const auto gemms = training_gemms(network, 1, true);
  for (const Expected& e : {Expected{"conv1", "forward", 158421, 121939, 299409},
                            Expected{"s1b1-conv1", "forward", 117391, 108359, 261647},
                            Expected{"s1b1-conv1", "data_gradient", 208655, 108359, 123279},
                            Expected{"s1b1-conv1", "weight_gradient", 107207, 261647, 123279}}) {
    SCOPED_TRACE(std::string(e.layer) + " " + e.phase);
    const auto at = std::find_if(gemms.begin(), gemms.end(), [&](const TrainingGemm& g) {
      return g.layer == e.layer && g.phase == e.phase;
    });
    ASSERT_NE(at, gemms.end());
    EXPECT_EQ(compute_cycles(at->gemm, 32, 32, Dataflow::kOutputStationary), e.os);
    EXPECT_EQ(compute_cycles(at->gemm, 32, 32, Dataflow::kWeightStationary), e.ws);
    EXPECT_EQ(compute_cycles(at->gemm, 32, 32, Dataflow::kInputStationary), e.is);
  }
}

TEST(TrainingGemms, EveryMacOfTheNetwork) {
  for (const char* name : {"resnet-18", "mobilenet-v1", "alexnet", "fashion-cnn", "tiny-cnn"}) {
    const auto network = workloads::find_network(name);
    std::int64_t forward = 0;
    std::int64_t weight = 0;
    for (const TrainingGemm& g : training_gemms(network, 3, false)) {
      const std::int64_t macs = g.groups * g.gemm.m * g.gemm.n * g.gemm.k;
      if (g.phase == "forward") forward += macs;
      if (g.phase == "weight_gradient") weight += macs;
    }
    EXPECT_EQ(forward, 3 * network.macs()) << name;
    EXPECT_EQ(weight, forward) << name;
  }
}

TEST(TrainingGemms, NoGradientOfTheImages) {
  const auto gemms = training_gemms(workloads::find_network("tiny-cnn"), 1, false);
  EXPECT_EQ(gemms[0].phase, "forward");
  EXPECT_EQ(gemms[1].phase, "weight_gradient");
}

}  // namespace
}  // namespace octet::sim::scale_sim
