#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

// Statistics of rows [begin, end) as they are defined: the first row wins a tie.
void expect_statistics(const std::vector<std::uint8_t>& q, std::size_t channels, std::int64_t begin,
                       std::int64_t end) {
  std::vector<std::uint32_t> sum(channels), expected_sum(channels, 0);
  std::vector<std::int32_t> high(channels), argmax(channels), low(channels), argmin(channels);
  kernels().chunk_stats(q.data(), begin, end, channels,
                        {sum.data(), high.data(), argmax.data(), low.data(), argmin.data()});
  std::vector<std::int32_t> top(channels, static_cast<std::int32_t>(begin)), bottom = top;
  const auto at = [&](std::int64_t row, std::size_t c) {
    return q[static_cast<std::size_t>(row) * channels + c];
  };
  for (std::int64_t row = begin; row < end; ++row)
    for (std::size_t c = 0; c < channels; ++c) {
      expected_sum[c] += at(row, c);
      if (at(row, c) > at(top[c], c)) top[c] = static_cast<std::int32_t>(row);
      if (at(row, c) < at(bottom[c], c)) bottom[c] = static_cast<std::int32_t>(row);
    }
  ASSERT_EQ(sum, expected_sum);
  ASSERT_EQ(argmax, top);
  ASSERT_EQ(argmin, bottom);
  for (std::size_t c = 0; c < channels; ++c) {
    ASSERT_EQ(high[c], at(top[c], c));
    ASSERT_EQ(low[c], at(bottom[c], c));
  }
}

// Chunks of several blocks of 128 vectors of 64 codes, whose extremes are met again in later
// blocks, at the blocks' ends, and in the rows that fill no vector.
TEST(RangeBnKernels, StatisticsOfLongChunks) {
  std::uint32_t seed = 0;
  for (const std::size_t channels : {1U, 3U, 8U, 16U, 32U, 48U, 64U, 128U}) {
    const std::int64_t block = 128 * (channels < 64 ? 64 / static_cast<std::int64_t>(channels) : 1);
    for (const std::uint32_t spread : {1U, 2U, 3U, 256U})
      for (const std::int64_t rest : {0, 1, 5}) {
        std::mt19937 random(++seed);
        const std::int64_t begin = random() % 7;
        const std::int64_t end = begin + 3 * block + rest;
        std::vector<std::uint8_t> q(static_cast<std::size_t>(end + 2) * channels);
        for (auto& code : q) code = static_cast<std::uint8_t>(255 - random() % spread);
        SCOPED_TRACE(std::to_string(channels) + " channels, codes " + std::to_string(spread) +
                     ", rest " + std::to_string(rest));
        ASSERT_NO_FATAL_FAILURE(expect_statistics(q, channels, begin, end));
        // All alike but for one row on either side of a border, and its like in the next block.
        for (const std::int64_t row : {block - 1, block, 2 * block - 1, 2 * block, 3 * block - 1}) {
          for (auto& code : q) code = 100;
          for (const std::int64_t other : {row, row + 1, row + block}) {
            if (begin + other >= end) continue;
            for (std::size_t c = 0; c < channels; ++c)
              q[static_cast<std::size_t>(begin + other) * channels + c] =
                  static_cast<std::uint8_t>(c % 2 == 0 ? 200 : 50);
          }
          ASSERT_NO_FATAL_FAILURE(expect_statistics(q, channels, begin, end));
        }
      }
  }
}

TEST(RangeBnKernels, StatisticsOfShortChunks) {
  for (std::uint32_t seed = 1; seed <= 600; ++seed) {
    std::mt19937 random(seed);
    constexpr std::size_t kChannels[] = {1, 2, 4, 8, 9, 16, 17, 32, 33, 64, 96, 128};
    const std::size_t channels = kChannels[seed % std::size(kChannels)];
    const std::int64_t begin = random() % 30;
    const std::int64_t end = begin + 1 + random() % 30;
    std::vector<std::uint8_t> q(static_cast<std::size_t>(end) * channels);
    const std::uint32_t spread = seed % 2 == 0 ? 3 : 256;
    for (auto& code : q) code = static_cast<std::uint8_t>(random() % spread);
    SCOPED_TRACE("seed " + std::to_string(seed));
    ASSERT_NO_FATAL_FAILURE(expect_statistics(q, channels, begin, end));
  }
}

// A live channel's gain is 256, a dead one's 0 with offset 0.
TEST(RangeBnKernels, CentreGradient) {
  for (std::uint32_t seed = 1; seed <= 600; ++seed) {
    std::mt19937 random(seed);
    const std::size_t channels = random() % 70 + 1;
    const std::size_t rows = random() % 20;
    std::vector<std::uint8_t> g(rows * channels);
    for (auto& code : g) code = static_cast<std::uint8_t>(random());
    std::vector<std::int32_t> gain(channels), offset(channels), expected;
    for (std::size_t c = 0; c < channels; ++c) {
      const bool dead = random() % 5 == 0;
      gain[c] = dead ? 0 : 256;
      offset[c] = dead ? 0 : static_cast<std::int32_t>(random()) >> (random() % 30 + 1);
    }
    for (std::size_t i = 0; i < g.size(); ++i)
      expected.push_back(gain[i % channels] * g[i] - offset[i % channels]);
    expected.push_back(77);
    std::vector<std::int32_t> found(expected.size(), 77);
    kernels().centre_gradient(g.data(), rows, channels, gain.data(), offset.data(), found.data());
    ASSERT_EQ(found, expected) << "seed " << seed << ", " << channels << " channels";
  }
}

}  // namespace
}  // namespace octet::model
