#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <stdexcept>
#include <string>

#include "workloads/graph/network.hpp"

namespace octet::workloads {
namespace {

Schedule make(const std::string& kind, float peak, float warmup) {
  Schedule schedule;
  schedule.kind = kind;
  schedule.peak_rate = peak;
  schedule.warmup = warmup;
  return schedule;
}

// The definition in double, with the library's cosine.
double exact(double peak, double start, long warm, long step, long steps) {
  if (step < warm)
    return start + (peak - start) * static_cast<double>(step) / static_cast<double>(warm);
  const double share = static_cast<double>(step - warm) / static_cast<double>(steps - warm);
  return peak * (1 + std::cos(std::numbers::pi * share)) / 2;
}

TEST(Schedule, OneCycleFollowsTheCosineWithin1e6) {
  for (const long steps : {5L, 100L, 2345L, 100000L}) {
    const Schedule schedule = make("one-cycle", 1.0F, 0.25F);
    const long warm = steps / 4;
    for (long step = 0; step < steps; ++step) {
      const float rate = learning_rate(schedule, step, steps, 10);
      ASSERT_NEAR(rate, exact(1.0, 1.0 / 25, warm, step, steps), 5e-7) << step << " of " << steps;
      ASSERT_GT(rate, 0.0F);
      ASSERT_LE(rate, 1.0F);
    }
  }
}

TEST(Schedule, TheEndHasFullRelativeAccuracy) {
  const Schedule schedule = make("cosine", 1.0F, 0.0F);
  constexpr long kSteps = 1000000;
  for (long step = kSteps - 100; step < kSteps; ++step) {
    const double angle = std::numbers::pi / 2 * static_cast<double>(kSteps - step) / kSteps;
    const double want = std::sin(angle) * std::sin(angle);  // (1 + cos) / 2 would cancel
    ASSERT_NEAR(learning_rate(schedule, step, kSteps, 10) / want, 1.0, 1e-6) << step;
  }
}

TEST(Schedule, OneCycleRisesToThePeakThenFalls) {
  const Schedule schedule = make("one-cycle", 0.05F, 0.2F);
  constexpr long kSteps = 2340;
  constexpr long kWarm = 468;
  EXPECT_EQ(learning_rate(schedule, 0, kSteps, 468), 0.05F / 25.0F);
  EXPECT_EQ(learning_rate(schedule, kWarm, kSteps, 468), 0.05F);
  for (long step = 1; step < kSteps; ++step) {
    const float before = learning_rate(schedule, step - 1, kSteps, 468);
    const float now = learning_rate(schedule, step, kSteps, 468);
    if (step <= kWarm) {
      ASSERT_GT(now, before) << step;
    } else {
      ASSERT_LE(now, before * (1 + 1e-6F)) << step;
    }
  }
  EXPECT_LT(learning_rate(schedule, kSteps - 1, kSteps, 468), 1e-6F);
}

// The bits are part of the specification; these were worked out with exact fractions rounded to
// float32 after each operation (tests/workloads/graph/schedule_bits.py).
TEST(Schedule, Bits) {
  const Schedule one_cycle = make("one-cycle", 0.05F, 0.2F);
  const auto bits = [](float value) { return std::bit_cast<std::uint32_t>(value); };
  EXPECT_EQ(bits(learning_rate(one_cycle, 0, 2340, 468)), 0x3B03126FU);
  EXPECT_EQ(bits(learning_rate(one_cycle, 1, 2340, 468)), 0x3B09CB2CU);
  EXPECT_EQ(bits(learning_rate(one_cycle, 100, 2340, 468)), 0x3C48CF1DU);
  EXPECT_EQ(bits(learning_rate(one_cycle, 467, 2340, 468)), 0x3D4C6141U);
  EXPECT_EQ(bits(learning_rate(one_cycle, 468, 2340, 468)), 0x3D4CCCCDU);
  EXPECT_EQ(bits(learning_rate(one_cycle, 469, 2340, 468)), 0x3D4CCCC2U);
  EXPECT_EQ(bits(learning_rate(one_cycle, 1000, 2340, 468)), 0x3D26A0E6U);
  EXPECT_EQ(bits(learning_rate(one_cycle, 1404, 2340, 468)), 0x3CCCCCCFU);
  EXPECT_EQ(bits(learning_rate(one_cycle, 2000, 2340, 468)), 0x3B81C666U);
  EXPECT_EQ(bits(learning_rate(one_cycle, 2338, 2340, 468)), 0x341733B8U);
  EXPECT_EQ(bits(learning_rate(one_cycle, 2339, 2340, 468)), 0x331733BDU);

  // Every step of a long fall, since few of them show the last bits of the coefficients.
  const Schedule cosine = make("cosine", 1.0F, 0.0F);
  std::uint64_t total = 0;
  for (long step = 0; step < 20000; ++step) total += bits(learning_rate(cosine, step, 20000, 10));
  EXPECT_EQ(total, 20962996865932U);
}

TEST(Schedule, CosineStartsAtZeroWithWarmupAndAtThePeakWithout) {
  EXPECT_EQ(learning_rate(make("cosine", 0.5F, 0.5F), 0, 100, 10), 0.0F);
  EXPECT_EQ(learning_rate(make("cosine", 0.5F, 0.5F), 25, 100, 10), 0.25F);
  EXPECT_EQ(learning_rate(make("cosine", 0.5F, 0.5F), 50, 100, 10), 0.5F);
  EXPECT_EQ(learning_rate(make("cosine", 0.5F, 0.0F), 0, 100, 10), 0.5F);
}

TEST(Schedule, WarmupOfEverythingAndOfOneStep) {
  const Schedule all = make("one-cycle", 1.0F, 1.0F);
  EXPECT_NEAR(learning_rate(all, 9, 10, 10), 0.04 + 0.96 * 0.9, 1e-6);
  EXPECT_EQ(learning_rate(make("one-cycle", 1.0F, 0.2F), 0, 1, 1), 1.0F);  // no step to warm up
  constexpr long kLong = (1L << 24) + 3;                                   // f32 rounds it up
  EXPECT_LE(learning_rate(all, kLong - 1, kLong, 10), 1.0F);
}

TEST(Schedule, StepFallsToATenthAtTheFirstStepOfAMilestone) {
  Schedule schedule = make("step", 0.1F, 0.0F);
  schedule.milestones = {2, 4};
  EXPECT_EQ(learning_rate(schedule, 0, 60, 10), 0.1F);
  EXPECT_EQ(learning_rate(schedule, 19, 60, 10), 0.1F);
  EXPECT_EQ(learning_rate(schedule, 20, 60, 10), 0.1F / 10.0F);
  EXPECT_EQ(learning_rate(schedule, 39, 60, 10), 0.1F / 10.0F);
  EXPECT_EQ(learning_rate(schedule, 40, 60, 10), 0.1F / 10.0F / 10.0F);
}

TEST(Schedule, ConstantStays) {
  const Schedule schedule = make("constant", 0.3F, 0.0F);
  EXPECT_EQ(learning_rate(schedule, 0, 10, 5), 0.3F);
  EXPECT_EQ(learning_rate(schedule, 9, 10, 5), 0.3F);
}

// From 0 to the peak over the first share of the steps, then as without a warm-up.
TEST(Schedule, WarmupBeforeStepsAndAConstant) {
  for (const std::string kind : {"step", "constant"}) {
    Schedule schedule = make(kind, 0.1F, 0.25F);
    schedule.milestones = {3, 4};
    Schedule cold = schedule;
    cold.warmup = 0.0F;
    EXPECT_EQ(learning_rate(schedule, 0, 60, 10), 0.0F);
    EXPECT_EQ(learning_rate(schedule, 1, 60, 10), 0.1F * (1.0F / 15.0F));
    EXPECT_EQ(learning_rate(schedule, 14, 60, 10), 0.1F * (14.0F / 15.0F));
    for (long step = 15; step < 60; ++step)
      EXPECT_EQ(learning_rate(schedule, step, 60, 10), learning_rate(cold, step, 60, 10)) << step;
    EXPECT_EQ(learning_rate(schedule, 15, 60, 10), 0.1F);
  }
}

TEST(Schedule, AMilestoneInsideTheWarmupTakesEffectAtItsEnd) {
  Schedule schedule = make("step", 0.1F, 0.5F);
  schedule.milestones = {1};
  EXPECT_EQ(learning_rate(schedule, 29, 60, 10), 0.1F * (29.0F / 30.0F));
  EXPECT_EQ(learning_rate(schedule, 30, 60, 10), 0.1F / 10.0F);
}

TEST(Schedule, RefusesAStepOutsideTheRun) {
  const Schedule schedule = make("constant", 0.3F, 0.0F);
  EXPECT_THROW((void)learning_rate(schedule, -1, 10, 5), std::invalid_argument);
  EXPECT_THROW((void)learning_rate(schedule, 10, 10, 5), std::invalid_argument);
  EXPECT_THROW((void)learning_rate(schedule, 0, 10, 0), std::invalid_argument);
  EXPECT_THROW((void)learning_rate(make("other", 1, 0), 0, 10, 5), std::invalid_argument);
}

}  // namespace
}  // namespace octet::workloads
