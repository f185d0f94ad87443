#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "model/ops/range_bn_fast.hpp"

// Range BN's codes by one product, and its gradient's two copies with their sums.
namespace octet::model {
namespace {

struct MapCase {
  explicit MapCase(std::uint32_t seed) : random(seed) {
    constexpr std::size_t kChannels[] = {1, 3, 16, 17, 48, 64, 130};
    out = {1.0F, static_cast<std::int32_t>(random() % 256),
           q_max_of_bits(seed % 5 == 0 ? static_cast<int>(random() % 7) + 2 : 8)};
    for (std::size_t c = kChannels[random() % std::size(kChannels)]; c > 0; --c) {
      // Gains as training has them, at most all codes from those of the channel.
      RangeBnStats s;
      s.q_low = static_cast<std::int32_t>(random() % 200);
      s.q_high = s.q_low + static_cast<std::int32_t>(random() % (256 - s.q_low));
      const float most = 255.0F / static_cast<float>(s.q_high - s.q_low + 1);
      float gain = most * (static_cast<float>(random() % 1000) + 1.0F) / 1000.0F;
      if (seed % 8 == 3) gain = 0.5F;  // ties, where most have no map
      if (random() % 4 == 0) gain = -gain;
      if (random() % 20 == 0) gain = 0.0F;
      s.mu = 128 * (s.q_low + s.q_high);
      apply.push_back(
          range_bn_apply_scalars(s.mu, gain, static_cast<float>(random() % 100) - 50.0F, 1.0F));
      stats.push_back(s);
    }
  }
  std::mt19937 random;
  QuantParams out;
  std::vector<RangeBnApply> apply;
  std::vector<RangeBnStats> stats;
};

TEST(RangeBnMap, IsTheReferenceForAllCodesOfAChannel) {
  int found_maps = 0;
  constexpr std::uint32_t kSeeds = 500;
  for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
    MapCase c(seed);
    const bool all = seed % 4 == 0;
    const auto map = range_bn_map(c.apply, all ? std::span<const RangeBnStats>() : c.stats, c.out);
    if (!map) continue;
    ++found_maps;
    const std::size_t width = c.apply.size();
    std::vector<std::uint8_t> q(256 * width), expected(q.size()), found(q.size());
    for (std::size_t i = 0; i < q.size(); ++i) {
      const RangeBnStats& s = c.stats[i % width];
      const auto code = static_cast<std::int32_t>(i / width);
      q[i] = static_cast<std::uint8_t>(all ? code : std::clamp(code, s.q_low, s.q_high));
    }
    range_bn_apply_ref(q, c.apply, 0, c.out, Rounding::kNearest, {}, expected);
    range_bn_apply(q, *map, found);
    ASSERT_EQ(found, expected) << "seed " << seed;
  }
  EXPECT_GT(found_maps, static_cast<int>(kSeeds) * 3 / 4);
}

// Half a code a code: rounding away from zero on both sides needs two constants.
TEST(RangeBnMap, TiesOnBothSidesOfZero) {
  const QuantParams out{1.0F, 128, 255};
  const std::vector<RangeBnApply> half{{128 * 256, {1 << 30, 0}, 0}};  // 0.5 (q - 128)
  const auto map = range_bn_map(half, {}, out);
  ASSERT_TRUE(map);
  EXPECT_EQ(map->below, std::vector<std::int32_t>{128});
  std::vector<std::uint8_t> q(256), expected(256), found(256);
  for (std::size_t i = 0; i < q.size(); ++i) q[i] = static_cast<std::uint8_t>(i);
  range_bn_apply_ref(q, half, 0, out, Rounding::kNearest, {}, expected);
  range_bn_apply(q, *map, found);
  EXPECT_EQ(found, expected);
  EXPECT_EQ(found[127], 127);  // -0.5
  EXPECT_EQ(found[129], 129);  // 0.5
}

TEST(RangeBnMap, IsRefusedWhereAGainLeaves32Bits) {
  const QuantParams out{1.0F, 128, 255};
  EXPECT_FALSE(range_bn_map(std::vector<RangeBnApply>{{0, {1 << 30, -12}, 0}}, {}, out));
}

TEST(RangeBnGradient, CopiesAndSumsAreTheReferences) {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    constexpr std::size_t kChannels[] = {1, 7, 16, 16, 32, 48, 64, 80};
    const std::size_t channels = kChannels[random() % std::size(kChannels)];
    const std::size_t rows = random() % 3 == 0 ? random() % 300 + 1 : 4 * (random() % 64 + 1);
    const std::size_t size = rows * channels;
    std::vector<std::int32_t> x(size);
    const unsigned shift = random() % 20 + 5;
    for (auto& value : x)
      value = random() % 8 == 0 ? 0 : static_cast<std::int32_t>(random()) >> shift;
    std::vector<std::uint8_t> q(size);
    for (auto& code : q) code = static_cast<std::uint8_t>(random() % 4 == 0 ? 255 : random());
    const bool in_range = seed % 5 != 0;
    const Extremes extremes = extremes_of(x);
    Range range = real_range(extremes, 0.5F);
    if (!in_range) range.high *= 0.25F;
    const QuantParams coarse = choose_quant_params(range, seed % 7 == 0 ? 6 : 8);
    const QuantParams fine = choose_quant_params(range, seed % 7 == 0 ? 12 : 16);
    const std::vector<Multiplier> to_coarse{requantise_multiplier(0.5F, coarse)};
    const std::vector<Multiplier> to_fine{requantise_multiplier(0.5F, fine)};
    const std::uint64_t first = std::uint64_t{random() % 1000} * channels;
    const QuantiseJob coarse_job{coarse, to_coarse, Rounding::kStochastic, {seed, 2, 17}};
    const QuantiseJob fine_job{fine, to_fine, Rounding::kNearest, {seed, 2, 18}};
    std::vector<std::uint8_t> expected(size), found(size, 99);
    std::vector<std::uint16_t> expected_fine(size), found_fine(size, 99);
    const std::int64_t outside =
        quantise_wide_ref<std::uint8_t>(x, first, coarse_job, expected) +
        quantise_wide_ref<std::uint16_t>(x, first, fine_job, expected_fine);
    std::vector<std::int64_t> sums(4 * channels, 1), expected_sums(4 * channels, 1);
    std::vector<std::uint8_t> low(channels, 100), high(channels, 100);
    auto expected_low = low, expected_high = high;
    for (std::size_t i = 0; i < size; ++i) {
      const std::size_t c = i % channels;
      const std::int64_t g = expected[i] - kCoarseCentre, w = expected_fine[i] - kFineCentre;
      expected_sums[c] += g;
      expected_sums[channels + c] += g * q[i];
      expected_sums[2 * channels + c] += w;
      expected_sums[3 * channels + c] += w * q[i];
      expected_low[c] = std::min(expected_low[c], expected[i]);
      expected_high[c] = std::max(expected_high[c], expected[i]);
    }

    NormGradientJob job{};
    std::vector<std::uint16_t> random_coarse(size), random_fine(size);
    const WideQuantiser quantise_coarse(coarse_job, in_range), quantise_fine(fine_job, in_range);
    job.coarse = quantise_coarse.job(x, first, random_coarse.data());
    job.fine = quantise_fine.job(x, first, random_fine.data());
    job.rows = rows;
    job.channels = channels;
    job.q = q.data();
    job.coarse_codes = found.data();
    job.fine_codes = found_fine.data();
    job.keep_fine = random() % 2 == 0;
    job.coarse_g = sums.data();
    job.coarse_gq = sums.data() + channels;
    job.fine_g = sums.data() + 2 * channels;
    job.fine_gq = sums.data() + 3 * channels;
    job.low = low.data();
    job.high = high.data();
    const std::int64_t found_outside = range_bn_quantise_gradient(job);
    SCOPED_TRACE("seed " + std::to_string(seed) + ", " + std::to_string(rows) + " rows of " +
                 std::to_string(channels));
    ASSERT_EQ(found, expected);
    if (job.keep_fine) {
      ASSERT_EQ(found_fine, expected_fine);
    }
    ASSERT_EQ(sums, expected_sums);
    ASSERT_EQ(low, expected_low);
    ASSERT_EQ(high, expected_high);
    if (!in_range) {
      ASSERT_EQ(found_outside, outside);
    }
  }
}

}  // namespace
}  // namespace octet::model
