#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>

#include "model/fixed/requantise.hpp"
#include "tests/model/fixed/oracle.hpp"

namespace octet::model {
namespace {

using testing::Int128;
using testing::power_of_two;
using testing::stochastic_oracle;

constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
constexpr std::uint32_t kSeed = 715;
constexpr int kWords = 65536;

// The sum of the result over all 16-bit words.
std::int64_t sum_of_all(std::int32_t x, Multiplier factor) {
  std::int64_t sum = 0;
  for (int r = 0; r < kWords; ++r)
    sum += requantise_stochastic(x, factor, static_cast<std::uint16_t>(r));
  return sum;
}

// 10.25 rounds to 10, 10, 10 and 11 in equal parts.
TEST(Stochastic, ThreeQuartersDown) {
  const Multiplier quarter{1 << 30, 1};
  int eleven = 0;
  for (int r = 0; r < kWords; ++r) {
    const std::int32_t found = requantise_stochastic(41, quarter, static_cast<std::uint16_t>(r));
    ASSERT_TRUE(found == 10 || found == 11);
    eleven += found == 11;
  }
  EXPECT_EQ(eleven, kWords / 4);
}

// x M with at most 16 fraction bits: the mean is x M exactly, at every shift.
TEST(Stochastic, SumOverAllWordsIsExact) {
  std::mt19937 random(kSeed);
  int cases = 0;
  int below_zero = 0;
  for (int e = -30; e <= 31; ++e) {
    const int h = 31 + e;
    const int zeros = h > 16 ? h - 16 : 0;  // x m must be a multiple of 2^zeros
    const int of_mantissa = zeros < 30 ? zeros : 30;
    for (int i = 0; i < 6; ++i) {
      const int spare = 31 - of_mantissa < 10 ? 31 - of_mantissa : 10;
      const std::uint32_t head = 1U << (spare - 1) | (random() & ((1U << (spare - 1)) - 1));
      const auto mantissa = static_cast<std::int32_t>(head << of_mantissa);
      const std::int32_t x =
          (static_cast<std::int32_t>(random() % 2047) - 1023) * (1 << (zeros - of_mantissa));
      const Multiplier factor{random() % 2 == 0 ? mantissa : -mantissa, e};
      const Int128 product = Int128{x} * factor.mantissa;
      ASSERT_TRUE(product % power_of_two(zeros) == 0);
      const Int128 expected =
          h > 16 ? product / power_of_two(h - 16) : product * power_of_two(16 - h);
      ASSERT_TRUE(sum_of_all(x, factor) == expected)
          << x << " " << factor.mantissa << " " << e << " seed " << kSeed;
      ++cases;
      below_zero += expected < 0;
    }
  }
  EXPECT_EQ(cases, 62 * 6);
  EXPECT_GT(below_zero, 50);
}

// Otherwise the mean falls short of x M by less than 2^-16, and never exceeds it.
TEST(Stochastic, BiasIsBelowOneUnitOfTheWord) {
  std::mt19937 random(kSeed + 1);
  int biased = 0;
  for (int i = 0; i < 300; ++i) {
    const int e = static_cast<int>(random() % 32);
    const int h = 31 + e;
    const Multiplier factor{static_cast<std::int32_t>(random() | 0xC0000001U), e};
    const auto x = static_cast<std::int32_t>(random()) >> (random() % 16);
    const Int128 error =  // of the sum, times 2^(h-16)
        sum_of_all(x, factor) * power_of_two(h - 16) - Int128{x} * factor.mantissa;
    ASSERT_TRUE(error <= 0 && error > -power_of_two(h - 16))
        << x << " " << factor.mantissa << " " << e << " seed " << kSeed + 1;
    biased += error != 0;
  }
  EXPECT_GT(biased, 200);
}

TEST(Stochastic, NearestIsNotTheMean) {  // the control of the tests above
  const Multiplier quarter{1 << 30, 1};
  EXPECT_NE(std::int64_t{requantise_nearest(41, quarter)} * kWords, sum_of_all(41, quarter));
}

TEST(Stochastic, IsTheOracle) {
  std::mt19937 random(kSeed + 2);
  int saturated = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    std::int32_t x = static_cast<std::int32_t>(random()) >> (random() % 32);
    if (i % 32 == 0) x = i % 64 == 0 ? kMax : -kMax - 1;
    std::int32_t mantissa = static_cast<std::int32_t>(random());
    if (i % 33 == 0 || mantissa == -kMax - 1) mantissa = i % 66 == 0 ? kMax : -kMax;
    const Multiplier factor{mantissa, static_cast<std::int32_t>(random() % 62) - 30};
    const auto r = static_cast<std::uint16_t>(i % 7 == 0 ? 0xFFFF : random());
    const std::int32_t found = requantise_stochastic(x, factor, r);
    ASSERT_TRUE(found == stochastic_oracle(x, factor, r))
        << x << " " << mantissa << " " << factor.exponent << " " << r << " seed " << kSeed + 2;
    saturated += found == kMax || found == -kMax - 1;
  }
  EXPECT_GT(saturated, 1000);
}

TEST(Stochastic, NeverFurtherThanOne) {
  const Multiplier exact{1 << 30, -1};  // M = 1: nothing to round
  for (const std::int32_t x : {0, 1, -1, 12345, kMax, -kMax - 1})
    for (const std::uint16_t r : {0, 1, 0x8000, 0xFFFF})
      EXPECT_EQ(requantise_stochastic(x, exact, r), x);
}

}  // namespace
}  // namespace octet::model
