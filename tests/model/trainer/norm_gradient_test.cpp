#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "model/ops/range_bn.hpp"
#include "model/trainer/integer_engine.hpp"

// The gradient of Range BN made row by row, and its extremes found without making it, against
// range_bn_backward_ref().
namespace octet::model {
namespace {

enum class Codes8 { kAny, kFew, kOne, kEndsAtExtremes };

struct Case {
  Case(std::uint32_t seed, std::int64_t rows, int recipe_chunks, Codes8 kind)
      : random(seed), n(rows), channels(static_cast<int>(random() % 35) + 1) {
    const std::size_t size = static_cast<std::size_t>(n) * channels;
    std::vector<std::uint8_t> q(size);
    const std::uint32_t spread = random() % 2 == 0 ? 256 : 3;
    for (auto& code : q) code = static_cast<std::uint8_t>(random() % spread);
    for (int c = 0; c < channels; c += 3)  // dead
      if (random() % 2 == 0)
        for (std::int64_t i = 0; i < n; ++i) q[static_cast<std::size_t>(i * channels + c)] = 9;
    run.chunks = chunk_count(n, recipe_chunks);
    run.stats.resize(static_cast<std::size_t>(channels));
    range_bn_statistics_ref(q, channels, run.chunks, run.stats, run.extremes);
    make_codes(kind);
    const std::int32_t zero = static_cast<std::int32_t>(random() % 256);
    run.gradient.params.zero_point = zero;

    std::vector<RangeBnSums> sums(run.stats.size());
    range_bn_gradient_sums_ref<std::uint8_t>(run.gradient.q, zero, q, run.stats, sums);
    gradient.norm = &run;
    for (std::size_t c = 0; c < sums.size(); ++c) {
      const bool dead = run.stats[c].range_sum == 0;
      RangeBnBackward s = range_bn_backward_scalars(sums[c], n, run.stats[c].range_sum);
      if (!dead && random() % 8 == 0) s.extreme = random() % 2 == 0 ? (1 << 30) - 1 : -(1 << 30);
      gradient.scalars.push_back(s);
      gradient.gain.push_back(dead ? 0 : 256);
      gradient.offset.push_back(dead ? 0 : 256 * zero + s.mean);
      gradient.scales.push_back(1.0F);
    }
    e.resize(size);
    range_bn_backward_ref(run.gradient.q, zero, channels, run.chunks, run.stats, run.extremes,
                          gradient.scalars, e);
  }

  void make_codes(Codes8 kind) {
    run.gradient.q.resize(static_cast<std::size_t>(n) * channels);
    const std::uint32_t one = random() % 256;
    for (auto& code : run.gradient.q)
      code = static_cast<std::uint8_t>(kind == Codes8::kAny   ? random()
                                       : kind == Codes8::kFew ? random() % 3
                                       : kind == Codes8::kOne ? one
                                                              : 100 + random() % 20);
    if (kind != Codes8::kEndsAtExtremes) return;
    // The ends of the codes where x has an extreme, and nowhere else.
    for (int c = 0; c < channels; ++c)
      for (int k = 0; k < run.chunks; ++k) {
        const std::size_t at = static_cast<std::size_t>(c) * run.chunks + k;
        const std::uint32_t which = random() % 4;
        if (which & 1U) code_at(run.extremes.argmax[at], c) = random() % 2 == 0 ? 0 : 255;
        if (which & 2U) code_at(run.extremes.argmin[at], c) = random() % 2 == 0 ? 0 : 255;
      }
  }
  std::uint8_t& code_at(std::int64_t row, std::int64_t c) {
    return run.gradient.q[static_cast<std::size_t>(row * channels + c)];
  }

  std::mt19937 random;
  std::int64_t n;
  int channels;
  NodeRun run;
  NormGradient gradient;
  std::vector<std::int32_t> e;  // of the reference, [n][channels]
};

void expect_reference(Case& c) {
  // In pieces as threads and blocks cut them, empty ones among them.
  std::vector<std::int32_t> found(c.e.size() + 1, 77);
  for (std::int64_t first = 0; first < c.n;) {
    const std::int64_t last = std::min<std::int64_t>(c.n, first + c.random() % 40);
    c.gradient.rows(first, last, found.data() + first * c.channels);
    first = last;
  }
  ASSERT_EQ(found.back(), 77);
  found.pop_back();
  ASSERT_EQ(found, c.e);
  for (std::size_t channel = 0; channel < c.run.stats.size(); ++channel) {
    Extremes codes{255, 0}, expected = kNoValues;
    for (std::int64_t row = 0; row < c.n; ++row) {
      const std::int32_t code = c.code_at(row, static_cast<std::int64_t>(channel));
      codes = {std::min(codes.low, code), std::max(codes.high, code)};
      const std::int32_t value = c.e[static_cast<std::size_t>(row * c.channels) + channel];
      expected = {std::min(expected.low, value), std::max(expected.high, value)};
    }
    const Extremes extremes = c.gradient.extremes(channel, codes);
    ASSERT_EQ(extremes.low, expected.low) << "channel " << channel;
    ASSERT_EQ(extremes.high, expected.high) << "channel " << channel;
  }
}

class NormGradientKinds : public ::testing::TestWithParam<Codes8> {};

TEST_P(NormGradientKinds, IsTheReference) {
  int dead = 0, alive = 0;
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    const std::int64_t n = random() % 500 + 1;
    const int chunks = static_cast<int>(random() % 40) + 1;
    Case c(seed, n, chunks, GetParam());
    SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(n) + " rows");
    ASSERT_NO_FATAL_FAILURE(expect_reference(c));
    for (const RangeBnStats& s : c.run.stats) (s.range_sum == 0 ? dead : alive) += 1;
  }
  EXPECT_GT(dead, 100);
  EXPECT_GT(alive, 1000);
}

// At most two rows a chunk: hardly one that holds no extreme.
TEST_P(NormGradientKinds, FewRowsAChunk) {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    const int chunks = static_cast<int>(seed % 20) + 1;
    const std::int64_t n = 1 + seed / 20 % (2 * chunks);
    Case c(seed, n, chunks, GetParam());
    SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(n) + " rows");
    ASSERT_NO_FATAL_FAILURE(expect_reference(c));
  }
}

// A chunk of one code has one row as both extremes, though its channel lives.
TEST_P(NormGradientKinds, ChunksOfOneCodeInALiveChannel) {
  int live = 0;
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    std::mt19937 random(seed);
    const std::int64_t n = 2 + random() % 60;
    Case c(seed, n, 2 + static_cast<int>(random() % 2), GetParam());
    SCOPED_TRACE("seed " + std::to_string(seed));
    ASSERT_NO_FATAL_FAILURE(expect_reference(c));
    for (std::size_t i = 0; i < c.run.extremes.argmax.size(); ++i)
      live += c.run.extremes.argmax[i] == c.run.extremes.argmin[i] &&
              c.run.stats[i / c.run.chunks].range_sum != 0;
  }
  EXPECT_GT(live, 0);
}

INSTANTIATE_TEST_SUITE_P(NormGradient, NormGradientKinds,
                         ::testing::Values(Codes8::kAny, Codes8::kFew, Codes8::kOne,
                                           Codes8::kEndsAtExtremes));

}  // namespace
}  // namespace octet::model
