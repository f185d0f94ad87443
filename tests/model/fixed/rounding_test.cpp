#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "model/fixed/rdbpot.hpp"
#include "model/fixed/requantise.hpp"
#include "model/fixed/srdhm.hpp"
#include "tests/model/fixed/oracle.hpp"

namespace octet::model {
namespace {

using testing::rdbpot_oracle;
using testing::requantise_oracle;
using testing::srdhm_oracle;

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
constexpr std::uint32_t kSeed = 20180531;

struct Vector {
  std::int32_t a, b;
  int exponent;
  std::int32_t product, shifted;
};
// What gemmlowp's fixedpoint.h returns.
constexpr std::array<Vector, 24> kVectors = {{{5, 1 << 30, 0, 3, 3},
                                              {-5, 1 << 30, 0, -2, -2},
                                              {7, 1 << 30, 0, 4, 4},
                                              {-7, 1 << 30, 0, -3, -3},
                                              {1, 1 << 30, 0, 1, 1},
                                              {-1, 1 << 30, 0, 0, 0},
                                              {kMin, kMin, 0, kMax, kMax},
                                              {kMin, kMax, 0, -kMax, -kMax},
                                              {kMax, kMax, 0, kMax - 1, kMax - 1},
                                              {10, kMax, 2, 10, 3},
                                              {-10, kMax, 2, -10, -3},
                                              {6, kMax, 2, 6, 2},
                                              {-6, kMax, 2, -6, -2},
                                              {14, kMax, 2, 14, 4},
                                              {-14, kMax, 2, -14, -4},
                                              {40, kMax, 4, 40, 3},
                                              {-40, kMax, 4, -40, -3},
                                              {24, kMax, 4, 24, 2},
                                              {-24, kMax, 4, -24, -2},
                                              {82740, 1717986918, 8, 66192, 259},
                                              {-75216, 1717986918, 8, -60173, -235},
                                              {46341, 1 << 30, 4, 23171, 1448},
                                              {1000000, 1234567890, 12, 574890, 140},
                                              {-1000000, 1234567890, 12, -574890, -140}}};

// Half added, then a plain shift: the tempting and wrong form of RDBPOT (ties toward +infinity).
std::int64_t half_then_shift(std::int64_t x, int e) {
  return e == 0 ? x : (x + (std::int64_t{1} << (e - 1))) >> e;
}
// Ties away from zero: the tempting and wrong form of SRDHM.
std::int32_t ties_away(std::int32_t a, std::int32_t b) {
  return static_cast<std::int32_t>(rdbpot(std::int64_t{a} * b, 31));
}

// Random with every magnitude likely, and the extremes now and then.
std::int32_t any_int32(std::mt19937& random) {
  const std::uint32_t pick = random();
  if (pick % 64 == 0) return kMin + static_cast<std::int32_t>(random() % 3);
  if (pick % 64 == 1) return kMax - static_cast<std::int32_t>(random() % 3);
  return static_cast<std::int32_t>(random()) >> (pick % 32);
}

TEST(Rounding, VectorsOfGemmlowp) {
  for (const Vector& v : kVectors) {
    EXPECT_EQ(srdhm(v.a, v.b), v.product) << v.a << " " << v.b;
    EXPECT_EQ(rdbpot(v.product, v.exponent), v.shifted) << v.product << " " << v.exponent;
    EXPECT_EQ(requantise_nearest(v.a, {v.b, v.exponent}), v.shifted);
  }
}

TEST(Rounding, WrongFormsMissTheVectors) {
  int shift_misses = 0;
  int product_misses = 0;
  for (const Vector& v : kVectors) {
    shift_misses += half_then_shift(v.product, v.exponent) != v.shifted;
    product_misses += !(v.a == kMin && v.b == kMin) && ties_away(v.a, v.b) != v.product;
  }
  EXPECT_EQ(shift_misses, 5);    // -10, -6 and -14 over 4, -24 and -40 over 16: the ties below zero
  EXPECT_EQ(product_misses, 3);  // -5, -7 and -1 halves
}

TEST(Rounding, SrdhmIsTheOracle) {
  std::mt19937 random(kSeed);
  for (int i = 0; i < 1'500'000; ++i) {
    const std::int32_t a = any_int32(random);
    const std::int32_t b = any_int32(random);
    ASSERT_TRUE(srdhm(a, b) == srdhm_oracle(a, b)) << a << " " << b << " seed " << kSeed;
  }
}

TEST(Rounding, SrdhmTies) {
  std::mt19937 random(kSeed);
  int below_zero = 0;
  for (int split = 0; split <= 30; ++split)
    for (int i = 0; i < 2000; ++i) {
      // a b = an odd number times 2^30: exactly half way.
      const auto odd = [&](int spare) {
        const auto bits = static_cast<std::int32_t>(random() & ((1U << spare) - 1)) | 1;
        return random() % 2 == 0 ? bits : -bits;
      };
      const std::int32_t a = odd(30 - split) * (1 << split);
      const std::int32_t b = odd(split) * (1 << (30 - split));
      ASSERT_EQ((std::int64_t{a} * b) % (std::int64_t{1} << 31) & ((1LL << 30) - 1), 0);
      ASSERT_NE((std::int64_t{a} * b) % (std::int64_t{1} << 31), 0);
      ASSERT_TRUE(srdhm(a, b) == srdhm_oracle(a, b)) << a << " " << b << " seed " << kSeed;
      if (std::int64_t{a} * b < 0) {
        ++below_zero;
        ASSERT_NE(srdhm(a, b), ties_away(a, b)) << "the control must differ at " << a << " " << b;
      }
    }
  EXPECT_GT(below_zero, 20000);
}

TEST(Rounding, RdbpotEveryExponent) {
  std::mt19937 random(kSeed);
  std::int64_t differs = 0;
  for (int e = 0; e <= 31; ++e) {
    std::vector<std::int64_t> values = {0, kMin, kMin + 1, kMax, kMax - 1, -(1LL << 32), 1LL << 32};
    for (int bit = 0; bit < 62; ++bit)
      for (int near = -2; near <= 2; ++near) {
        values.push_back((1LL << bit) + near);
        values.push_back(-(1LL << bit) + near);
      }
    for (int i = 0; i < 40'000; ++i) values.push_back(any_int32(random));
    if (e > 0)
      for (int i = 0; i < 2000; ++i) {  // ties: an odd number of halves
        const std::int64_t odd = 2 * (any_int32(random) / 2) + 1;
        values.push_back(odd * (1LL << (e - 1)));
      }
    for (const std::int64_t x : values) {
      if (x <= -(1LL << 62) || x >= 1LL << 62) continue;
      ASSERT_TRUE(rdbpot(x, e) == rdbpot_oracle(x, e)) << x << " " << e << " seed " << kSeed;
      differs += half_then_shift(x, e) != rdbpot(x, e);
    }
  }
  EXPECT_GT(differs, 20'000);  // the control
}

TEST(Rounding, RequantiseIsTheOracle) {
  std::mt19937 random(kSeed + 1);
  int saturated = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const std::int32_t x = any_int32(random);
    const Multiplier factor{any_int32(random), static_cast<std::int32_t>(random() % 62) - 30};
    const std::int32_t found = requantise_nearest(x, factor);
    ASSERT_TRUE(found == requantise_oracle(x, factor))
        << x << " " << factor.mantissa << " " << factor.exponent << " seed " << kSeed + 1;
    saturated +=
        factor.exponent < 0 && std::int64_t{x} * (1LL << -factor.exponent) !=
                                   saturate_int32(std::int64_t{x} * (1LL << -factor.exponent));
  }
  EXPECT_GT(saturated, 1000);
}

TEST(Rounding, RequantiseIsWithinOneOfTheRealProduct) {
  std::mt19937 random(kSeed + 2);
  for (int i = 0; i < 200'000; ++i) {
    const auto x = static_cast<std::int32_t>(random());
    const Multiplier factor{static_cast<std::int32_t>(random() | 0x40000000U) & kMax,
                            static_cast<std::int32_t>(random() % 32)};
    const long double real = static_cast<long double>(x) * factor.mantissa /
                             static_cast<long double>(testing::power_of_two(31 + factor.exponent));
    ASSERT_LE(std::abs(requantise_nearest(x, factor) - real), 1.0L) << x << " seed " << kSeed + 2;
  }
}

}  // namespace
}  // namespace octet::model
