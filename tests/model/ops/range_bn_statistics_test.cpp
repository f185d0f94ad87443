#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "model/ops/range_bn.hpp"

namespace octet::model {
namespace {

struct Statistics {
  std::vector<RangeBnStats> stats;
  RangeBnExtremes extremes;
};
Statistics statistics(const std::vector<std::uint8_t>& q, int channels, int chunks) {
  Statistics result;
  result.stats.resize(static_cast<std::size_t>(channels));
  range_bn_statistics_ref(q, channels, chunks, result.stats, result.extremes);
  return result;
}
using Rows = std::vector<std::int32_t>;

TEST(RangeBnChunks, CoverTheValuesInNearlyEqualParts) {
  for (std::int64_t n = 1; n < 300; ++n)
    for (int chunks = 1; chunks <= n && chunks <= kMaxChunks; ++chunks) {
      ASSERT_EQ(chunk_begin(n, chunks, 0), 0);
      ASSERT_EQ(chunk_begin(n, chunks, chunks), n);
      for (int k = 0; k < chunks; ++k) {
        const std::int64_t size = chunk_begin(n, chunks, k + 1) - chunk_begin(n, chunks, k);
        ASSERT_TRUE(size == n / chunks || size == n / chunks + 1) << n << " " << chunks;
      }
    }
  EXPECT_EQ(chunk_begin(10, 4, 1), 2);
  EXPECT_EQ(chunk_begin(10, 4, 2), 5);
  EXPECT_EQ(chunk_begin(std::int64_t{1} << 24, 256, 255), 255 << 16);
}

TEST(RangeBnChunks, NeverMoreThanValuesOr256) {
  EXPECT_EQ(chunk_count(1000, 16), 16);
  EXPECT_EQ(chunk_count(5, 16), 5);
  EXPECT_EQ(chunk_count(1, 16), 1);
  EXPECT_EQ(chunk_count(1000, 300), 256);
}

TEST(RangeBnStatistics, ByHand) {
  // Two channels, five rows, two chunks: rows 0, 1 and rows 2, 3, 4.
  const std::vector<std::uint8_t> q = {3, 200, 7, 200, 5, 10, 5, 250, 1, 250};
  const Statistics found = statistics(q, 2, 2);
  EXPECT_EQ(found.stats[0], (RangeBnStats{21, 1075, 8, 134217728, 1, 7}));
  EXPECT_EQ(found.stats[1], (RangeBnStats{910, 46592, 240, 4473924, 10, 250}));
  EXPECT_EQ(found.extremes.argmax, (Rows{1, 2, 0, 3}));  // ties: the first row
  EXPECT_EQ(found.extremes.argmin, (Rows{0, 4, 0, 2}));
}

TEST(RangeBnStatistics, FewerValuesThanChunks) {
  const std::vector<std::uint8_t> q = {9, 1, 255};
  const Statistics found = statistics(q, 1, chunk_count(3, 16));  // a value a chunk: no range
  EXPECT_EQ(found.stats[0].range_sum, 0);
  EXPECT_EQ(found.stats[0].reciprocal, 0);
  EXPECT_EQ(found.extremes.argmax, (Rows{0, 1, 2}));
  EXPECT_EQ(found.extremes.argmin, (Rows{0, 1, 2}));
  EXPECT_EQ(found.stats[0].q_low, 1);
  EXPECT_EQ(found.stats[0].q_high, 255);
}

TEST(RangeBnStatistics, SingleValue) {
  const Statistics found = statistics({77}, 1, 1);
  EXPECT_EQ(found.stats[0], (RangeBnStats{77, 77 * 256, 0, 0, 77, 77}));
}

TEST(RangeBnStatistics, EqualValuesPickTheFirstOfEachChunk) {
  const std::vector<std::uint8_t> q(100, 42);
  const Statistics found = statistics(q, 1, 7);
  for (int k = 0; k < 7; ++k) {
    EXPECT_EQ(found.extremes.argmax[static_cast<std::size_t>(k)], chunk_begin(100, 7, k));
    EXPECT_EQ(found.extremes.argmin[static_cast<std::size_t>(k)], chunk_begin(100, 7, k));
  }
}

TEST(RangeBnStatistics, RandomAgainstAPlainCount) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const int channels = static_cast<int>(random() % 5) + 1;
    const auto n = static_cast<std::int64_t>(random() % 500 + 1);
    const int chunks = chunk_count(n, static_cast<int>(random() % 256) + 1);
    const unsigned spread = random() % 3 == 0 ? 4 : 256;  // few different values: many ties
    std::vector<std::uint8_t> q(static_cast<std::size_t>(n) * channels);
    for (auto& value : q) value = static_cast<std::uint8_t>(random() % spread);
    const Statistics found = statistics(q, channels, chunks);
    for (int c = 0; c < channels; ++c) {
      const RangeBnStats& s = found.stats[static_cast<std::size_t>(c)];
      double sum = 0;
      int range = 0;
      for (int k = 0; k < chunks; ++k) {
        int high = -1, low = 256, at_high = -1, at_low = -1;
        for (std::int64_t i = 0; i < n;
             ++i) {  // value i is in chunk k when k n <= i K + ... < (k+1) n
          if (i < k * n / chunks || i >= (k + 1) * n / chunks) continue;
          const int value = q[static_cast<std::size_t>(i * channels + c)];
          sum += value;
          if (value > high) high = value, at_high = static_cast<int>(i);
          if (value < low) low = value, at_low = static_cast<int>(i);
        }
        range += high - low;
        const auto at = static_cast<std::size_t>(c) * chunks + k;
        ASSERT_EQ(found.extremes.argmax[at], at_high) << "seed " << seed;
        ASSERT_EQ(found.extremes.argmin[at], at_low) << "seed " << seed;
      }
      ASSERT_EQ(static_cast<double>(s.sum), sum) << "seed " << seed;
      ASSERT_EQ(s.range_sum, range) << "seed " << seed;
      ASSERT_LE(std::abs(s.mu / 256.0 - sum / static_cast<double>(n)), 1.0 / 512 + 1e-12);
      if (range > 0) {
        ASSERT_LE(std::abs(s.reciprocal * 0x1p-30 - 1.0 / range), 0x1p-31 * 1.0001);
      }
    }
  }
}

TEST(RangeBnStatistics, ScalarsAtTheirEnds) {
  EXPECT_EQ(range_bn_mean(std::int64_t{255} << 24, std::int64_t{1} << 24), 65280);
  EXPECT_EQ(range_bn_mean(0, 1), 0);
  EXPECT_EQ(range_bn_mean(1, 512), 1);  // half a unit rounds up
  EXPECT_EQ(range_bn_mean(1, 513), 0);
  EXPECT_EQ(range_bn_reciprocal(0), 0);
  EXPECT_EQ(range_bn_reciprocal(1), 1 << 30);
  EXPECT_EQ(range_bn_reciprocal(3), 357913941);
  EXPECT_EQ(range_bn_reciprocal(256 * 255), 16448);
}

}  // namespace
}  // namespace octet::model
