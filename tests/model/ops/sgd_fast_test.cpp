#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"
#include "model/ops/sgd.hpp"

namespace octet::model {
namespace {

constexpr float kInfinite = std::numeric_limits<float>::infinity();
constexpr float kNoNumber = std::numeric_limits<float>::quiet_NaN();

TEST(SgdFast, IsTheReference) {
  for (std::size_t size = 0; size <= 200; ++size) {
    std::mt19937 random(static_cast<std::uint32_t>(size));
    std::normal_distribution<float> normal;
    std::vector<float> gradient(size), velocity(size), weight(size);
    for (auto* values : {&gradient, &velocity, &weight})
      for (float& value : *values) value = normal(random);
    const SgdRates rates{0.0371F, 0.91F, size % 3 == 0 ? 0.0F : 3e-3F, size % 2 == 0};
    std::vector<float> found_velocity = velocity, found_weight = weight;
    sgd_update(gradient, rates, velocity, weight);
    Range range = kNoWeights;
    sgd_update_fast(gradient, rates, found_velocity, found_weight, range);
    ASSERT_EQ(found_velocity, velocity) << size;
    ASSERT_EQ(found_weight, weight) << size;
    EXPECT_EQ(range, size == 0 ? kNoWeights : range_of(weight)) << size;
    Range wide{-100.0F, 100.0F};  // is widened, not replaced
    sgd_update_fast(gradient, rates, found_velocity, found_weight, wide);
    EXPECT_EQ(wide, (Range{-100.0F, 100.0F}));
  }
}

// A contracted multiply-add would keep 2^-48 of the first product.
TEST(SgdFast, NothingIsContracted) {
  const float a = 1.0F + 0x1p-23F;
  std::vector<float> velocity(40, a), weight(40, 0.0F);
  Range range = kNoWeights;
  sgd_update_fast(std::vector<float>(40, -(1.0F + 0x1p-22F)), {0.0F, a, 0.0F, false}, velocity,
                  weight, range);
  for (const float v : velocity) EXPECT_EQ(v, 0.0F);
}

// A training that has run away gives the same ranges whether they are taken on the way or later.
TEST(SgdFast, WhatIsNoNumberIsLeftOutOfRanges) {
  for (const std::size_t size : {1U, 3U, 16U, 31U, 32U, 33U, 100U})
    for (std::size_t at = 0; at < size; at += 7) {
      std::vector<float> gradient(size, 0.0F), velocity(size, 0.0F), weight(size, 2.0F);
      weight[at] = kNoNumber;
      if (size > 1) weight[(at + 1) % size] = -3.0F;
      Range range = kNoWeights;
      sgd_update_fast(gradient, {}, velocity, weight, range);
      EXPECT_EQ(range, range_of(weight)) << size << " " << at;
      EXPECT_EQ(range.low, size > 1 ? -3.0F : kInfinite) << size << " " << at;
      EXPECT_EQ(range.high, size > 2 ? 2.0F : -kInfinite) << size << " " << at;
    }
  EXPECT_EQ(choose_quant_params(kNoWeights, 8), choose_quant_params({0.0F, 0.0F}, 8));
  EXPECT_EQ(range_of(std::vector<float>{kInfinite, 1.0F}), (Range{1.0F, kInfinite}));
}

TEST(SumsToFloats, RoundToNearestEven) {
  for (int size = 1; size < 70; ++size) {
    std::mt19937 random(static_cast<std::uint32_t>(size));
    const auto count = static_cast<std::size_t>(size);
    std::vector<std::int32_t> sums(count), terms(count);
    std::vector<std::int64_t> wide(count);
    for (std::size_t i = 0; i < count; ++i) {
      sums[i] = static_cast<std::int32_t>(random());
      terms[i] = static_cast<std::int32_t>(random()) / 3;
      wide[i] = (static_cast<std::int64_t>(random()) << 16) - (std::int64_t{1} << 47);
      if (i % 4 == 0) wide[i] = (std::int64_t{1} << 40) + (std::int64_t{1} << 16);  // a tie
    }
    std::vector<float> found(count), found_wide(count);
    kernels().sums_to_floats(sums.data(), terms.data(), count, 0.37F, found.data());
    kernels().wide_sums_to_floats(wide.data(), count, 0.37F, found_wide.data());
    for (std::size_t i = 0; i < count; ++i) {
      const auto sum = static_cast<std::int32_t>(static_cast<std::uint32_t>(sums[i]) +
                                                 static_cast<std::uint32_t>(terms[i]));
      ASSERT_EQ(found[i], static_cast<float>(sum) * 0.37F);
      ASSERT_EQ(found_wide[i], static_cast<float>(wide[i]) * 0.37F);
    }
  }
}

}  // namespace
}  // namespace octet::model
