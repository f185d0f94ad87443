#include "model/ops/sgd.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace octet::model {
namespace {

using Floats = std::vector<float>;

// Powers of two throughout: each figure below is exact.
TEST(Sgd, PlainSteps) {
  const SgdRates rates{0.5F, 0.0F, 0.0F, false};
  Floats velocity = {8.0F, 8.0F};
  Floats weight = {1.0F, -2.0F};
  sgd_update(Floats{0.25F, 4.0F}, rates, velocity, weight);
  EXPECT_EQ(velocity, (Floats{0.25F, 4.0F}));
  EXPECT_EQ(weight, (Floats{0.875F, -4.0F}));
}

TEST(Sgd, MomentumAndDecay) {
  const SgdRates rates{0.5F, 0.5F, 0.25F, false};
  Floats velocity = {2.0F};
  Floats weight = {4.0F};
  sgd_update(Floats{1.0F}, rates, velocity, weight);
  EXPECT_EQ(velocity[0], 3.0F);  // 0.5 2 + (1 + 0.25 4)
  EXPECT_EQ(weight[0], 2.5F);    // 4 - 0.5 3
  sgd_update(Floats{-1.0F}, rates, velocity, weight);
  EXPECT_EQ(velocity[0], 1.125F);  // 1.5 + (-1 + 0.625)
  EXPECT_EQ(weight[0], 1.9375F);
}

TEST(Sgd, Nesterov) {
  const SgdRates rates{0.5F, 0.5F, 0.25F, true};
  Floats velocity = {2.0F};
  Floats weight = {4.0F};
  sgd_update(Floats{1.0F}, rates, velocity, weight);
  EXPECT_EQ(velocity[0], 3.0F);
  EXPECT_EQ(weight[0], 2.25F);  // 4 - 0.5 (2 + 0.5 3)
}

// Every product and sum is rounded on its own: a contracted multiply-add would keep 2^-48 here.
TEST(Sgd, NothingIsContracted) {
  const float a = 1.0F + 0x1p-23F;
  const SgdRates rates{0.0F, a, 0.0F, false};
  Floats velocity = {a};
  Floats weight = {0.0F};
  sgd_update(Floats{-(1.0F + 0x1p-22F)}, rates, velocity, weight);
  EXPECT_EQ(velocity[0], 0.0F);  // f32(a a) = 1 + 2^-22
}

// Full-precision weights keep what an 8-bit weight would lose.
TEST(Sgd, SmallStepsAddUp) {
  const SgdRates rates{1.0F, 0.0F, 0.0F, false};
  Floats velocity = {0.0F};
  Floats weight = {1.0F};
  const float step = 0x1p-15F;  // far below an 8-bit code of 2^-7
  for (int i = 0; i < 1024; ++i) sgd_update(Floats{step}, rates, velocity, weight);
  EXPECT_EQ(weight[0], 1.0F - 1024 * step);
}

TEST(Sgd, GradientToFloatRoundsToNearestEven) {
  const std::vector<std::int64_t> sums = {0, -3, (1LL << 24) + 1, (1LL << 24) + 3,
                                          -(1LL << 46) - 1};
  Floats out(5);
  gradient_to_float(sums, 0.5F, out);
  EXPECT_EQ(out, (Floats{0.0F, -1.5F, 8388608.0F, 8388610.0F, -0x1p45F}));
}

}  // namespace
}  // namespace octet::model
