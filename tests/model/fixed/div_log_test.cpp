#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "model/fixed/div_away.hpp"
#include "model/fixed/log2q.hpp"
#include "tests/model/fixed/oracle.hpp"

namespace octet::model {
namespace {

using testing::Int128;

constexpr std::uint32_t kSeed = 31;

Int128 divide_oracle(std::int64_t a, std::int64_t b) {
  const Int128 twice = 2 * (a < 0 ? -Int128{a} : Int128{a}) + b;
  const Int128 rounded = twice / (2 * Int128{b});
  return a < 0 ? -rounded : rounded;
}

TEST(DivAway, ByHand) {
  EXPECT_EQ(div_away(0, 7), 0);
  EXPECT_EQ(div_away(5, 2), 3);
  EXPECT_EQ(div_away(-5, 2), -3);
  EXPECT_EQ(div_away(4, 3), 1);
  EXPECT_EQ(div_away(5, 3), 2);
  EXPECT_EQ(div_away(-4, 3), -1);
  EXPECT_EQ(div_away(-5, 3), -2);
  EXPECT_EQ(div_away(1, 2), 1);
  EXPECT_EQ(div_away(-1, 2), -1);
  EXPECT_EQ(div_away(1, 3), 0);
}

TEST(DivAway, IsTheOracle) {
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 1'000'000; ++i) {
    const auto a = static_cast<std::int64_t>(random()) >> (random() % 63);
    const auto b = static_cast<std::int64_t>((random() >> 1 >> (random() % 62)) | 1);
    if (a == std::numeric_limits<std::int64_t>::min()) continue;
    ASSERT_TRUE(div_away(a, b) == divide_oracle(a, b)) << a << " / " << b << " seed " << kSeed;
  }
}

TEST(DivAway, TiesAndExtremes) {
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 100'000; ++i) {
    const auto half = static_cast<std::int64_t>(random() % 1'000'000'000) + 1;
    const std::int64_t odd = 2 * static_cast<std::int64_t>(random() % 1'000'000) + 1;
    ASSERT_EQ(div_away(odd * half, 2 * half), (odd + 1) / 2) << odd << " " << half;
    ASSERT_EQ(div_away(-odd * half, 2 * half), -(odd + 1) / 2) << odd << " " << half;
  }
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t a : {most, -most, most - 1, 1 - most})
    for (const std::int64_t b : {std::int64_t{1}, std::int64_t{2}, most - 1, most})
      EXPECT_TRUE(div_away(a, b) == divide_oracle(a, b)) << a << " / " << b;
}

// The exact logarithm lies in [found, found + 1] units of 2^-16: every step truncates, and what the
// 31-bit squares lose is far below one unit.
void expect_floor(std::uint64_t v) {
  const long double exact = std::log2(static_cast<long double>(v)) * 65536.0L;
  const std::int32_t found = log2q(v);
  ASSERT_LE(static_cast<long double>(found), exact + 1e-9L) << v;
  ASSERT_GT(static_cast<long double>(found), exact - 1.001L) << v;
}

TEST(Log2q, IsTheFloorOfTheLogarithm) {
  for (std::uint64_t v = 1; v <= 300'000; ++v) expect_floor(v);
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 300'000; ++i) expect_floor((random() >> (random() % 64)) | 1);
}

TEST(Log2q, PowersOfTwoAreExact) {
  for (int n = 0; n < 64; ++n) EXPECT_EQ(log2q(std::uint64_t{1} << n), n << 16);
  EXPECT_EQ(log2q(~std::uint64_t{0}), (64 << 16) - 1);
  EXPECT_EQ(log2q(3), 103872);  // 65536 log2 3 = 103872.1
}

TEST(Log2q, NeverFalls) {
  std::int32_t last = 0;
  for (std::uint64_t v = 1; v < 200'000; ++v) {
    const std::int32_t next = log2q(v);
    ASSERT_GE(next, last) << v;
    last = next;
  }
}

}  // namespace
}  // namespace octet::model
