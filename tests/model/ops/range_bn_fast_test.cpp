#include "model/ops/range_bn_fast.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace octet::model {
namespace {

template <class Code>
void fill(std::mt19937& random, std::vector<Code>& values) {
  constexpr std::uint32_t kTop = sizeof(Code) == 1 ? 255 : 65535;
  const std::uint32_t kind = random() % 4;  // all codes; few codes; ends only; one code
  const auto one = static_cast<Code>(random());
  for (Code& value : values)
    value = static_cast<Code>(kind == 0   ? random()
                              : kind == 1 ? random() % 4
                              : kind == 2 ? (random() % 2) * kTop
                                          : one);
}

struct Case {
  explicit Case(std::uint32_t seed) : random(seed) {
    constexpr int kChannels[] = {1, 2, 3, 5, 8, 15, 16, 17, 31, 32, 33, 64, 65, 130};
    channels = kChannels[random() % std::size(kChannels)];
    n = random() % (seed % 10 == 0 ? 3000 : 400) + 1;
    chunks = chunk_count(n, static_cast<int>(random() % 256) + 1);
    q.resize(static_cast<std::size_t>(n) * channels);
    fill(random, q);
    if (random() % 2 == 0)  // one dead channel
      for (std::int64_t i = 0; i < n; ++i) q[static_cast<std::size_t>(i * channels)] = 9;
    stats.resize(static_cast<std::size_t>(channels));
    range_bn_statistics_ref(q, channels, chunks, stats, extremes);
  }
  std::mt19937 random;
  int channels, chunks;
  std::int64_t n;
  std::vector<std::uint8_t> q;
  std::vector<RangeBnStats> stats;
  RangeBnExtremes extremes;
};

constexpr std::uint32_t kCases = 300;

TEST(RangeBnFast, StatisticsInPiecesAreTheReference) {
  for (std::uint32_t seed = 1; seed <= kCases; ++seed) {
    Case c(seed);
    RangeBnExtremes extremes{c.extremes.argmax, c.extremes.argmin};
    std::fill(extremes.argmax.begin(), extremes.argmax.end(), -1);
    std::fill(extremes.argmin.begin(), extremes.argmin.end(), -1);
    std::vector<std::vector<RangeBnStats>> parts;
    for (int first = 0; first < c.chunks;) {
      const int last = std::min<int>(c.chunks, first + 1 + static_cast<int>(c.random() % 40));
      // Some pieces are added to what another left.
      if (parts.empty() || c.random() % 2 == 0) parts.emplace_back(c.stats.size(), kNoCodes);
      range_bn_chunks(c.q, c.channels, c.chunks, first, last, parts.back(), extremes);
      first = last;
    }
    std::vector<RangeBnStats> stats(c.stats.size());
    range_bn_combine(parts, c.n, stats);
    ASSERT_TRUE(stats == c.stats) << "seed " << seed;
    ASSERT_EQ(extremes.argmax, c.extremes.argmax) << "seed " << seed;
    ASSERT_EQ(extremes.argmin, c.extremes.argmin) << "seed " << seed;
  }
}

TEST(RangeBnFast, ApplyIsTheReference) {
  for (std::uint32_t seed = 1; seed <= kCases; ++seed) {
    Case c(seed);
    std::vector<RangeBnApply> apply;
    const bool ends = seed % 3 == 0;  // far outside what training gives, up to the documented ends
    for (int channel = 0; channel < c.channels; ++channel) {
      const auto mantissa = static_cast<std::int32_t>(1U << 30 | (c.random() & 0x3FFFFFFFU));
      const int exponent =
          ends ? static_cast<int>(c.random() % 62) - 30 : static_cast<int>(c.random() % 12) - 2;
      const std::int32_t bias = static_cast<std::int32_t>(c.random()) >> (ends ? 1 : 15);
      apply.push_back({static_cast<std::int32_t>(c.random() % 65281),
                       {c.random() % 2 == 0 ? mantissa : -mantissa, exponent},
                       bias});
      if (seed % 7 == 0) apply.back().factor = {};
    }
    const QuantParams out{1.0F, static_cast<std::int32_t>(c.random() % 256),
                          q_max_of_bits(static_cast<int>(c.random() % 7) + 2)};
    for (const Rounding rounding : {Rounding::kNearest, Rounding::kStochastic}) {
      const std::uint64_t first = std::uint64_t{c.random() % 1000} * c.channels;
      std::vector<std::uint8_t> expected(c.q.size()), found(c.q.size());
      range_bn_apply_ref(c.q, apply, first, out, rounding, {seed, 5, 32}, expected);
      range_bn_apply(c.q, apply, first, out, rounding, {seed, 5, 32}, found);
      ASSERT_EQ(found, expected) << "seed " << seed << ", " << c.channels << " channels";
    }
  }
}

}  // namespace
}  // namespace octet::model
