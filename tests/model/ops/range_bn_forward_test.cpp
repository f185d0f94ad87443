#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "model/ops/range_bn.hpp"
#include "model/quant/range_constant.hpp"

namespace octet::model {
namespace {

struct Channel {
  std::vector<std::uint8_t> q;
  int chunks = 1;
  RangeBnStats stats;
  RangeBnExtremes extremes;
};
Channel channel_of(std::vector<std::uint8_t> q, int chunks) {
  Channel c{std::move(q), chunks, {}, {}};
  range_bn_statistics_ref(c.q, 1, chunks, {&c.stats, 1}, c.extremes);
  return c;
}

// gamma (x - mean) / (C R') + beta in double, from the definition. Scale and zero point of x are
// irrelevant here: codes are reals of scale 1.
std::vector<double> forward_oracle(const Channel& c, double constant, double gamma, double beta) {
  const auto n = static_cast<std::int64_t>(c.q.size());
  double mean = 0;
  for (const double value : c.q) mean += value / static_cast<double>(n);
  double range = 0;
  for (int k = 0; k < c.chunks; ++k) {
    double high = -1;
    double low = 256;
    for (std::int64_t i = k * n / c.chunks; i < (k + 1) * n / c.chunks; ++i) {
      high = std::max<double>(high, c.q[static_cast<std::size_t>(i)]);
      low = std::min<double>(low, c.q[static_cast<std::size_t>(i)]);
    }
    range += (high - low) / c.chunks;
  }
  std::vector<double> y;
  for (const double value : c.q) y.push_back(gamma * (value - mean) / (constant * range) + beta);
  return y;
}

// Mean 100, ranges 64 in 2 chunks: R = 128, rho = 2^23. With C = 1 and powers of two nothing is
// rounded before the last step.
Channel exact_channel() {
  return channel_of({68, 132, 100, 99, 101, 100, 97, 103, 100, 95, 105, 100, 68, 132, 110, 90}, 2);
}

TEST(RangeBnForward, ExactInputsGiveTheRoundedReal) {
  const Channel c = exact_channel();
  ASSERT_EQ(c.stats.mu, 100 * 256);
  ASSERT_EQ(c.stats.range_sum, 128);
  int ties = 0;
  for (const float gamma : {1.0F, -1.0F, 0.5F, 4.0F})
    for (const float beta : {0.0F, 0.25F, -0.375F})
      for (const int fraction : {4, 5, 6}) {
        const QuantParams out{std::ldexp(1.0F, -fraction), 90, 255};
        const float inverse = range_bn_inverse(c.stats.reciprocal, c.chunks, 1.0F);
        ASSERT_EQ(inverse, 0x1p-6F);  // 1 / 64
        const RangeBnApply apply =
            range_bn_apply_scalars(c.stats.mu, gamma * inverse, beta, out.scale);
        const auto exact =
            forward_oracle(c, 1.0, static_cast<double>(gamma), static_cast<double>(beta));
        std::vector<std::uint8_t> y(c.q.size());
        range_bn_apply_ref(c.q, {&apply, 1}, 0, out, Rounding::kNearest, {}, y);
        for (std::size_t i = 0; i < y.size(); ++i) {
          const double position = exact[i] / static_cast<double>(out.scale);
          const double expected = std::min(255.0, std::max(0.0, 90.0 + std::round(position)));
          ASSERT_EQ(y[i], expected)
              << "gamma " << gamma << " beta " << beta << " q " << int{c.q[i]};
          ties += position != std::floor(position) && 2 * position == std::floor(2 * position);
        }
      }
  EXPECT_GT(ties, 20);  // away from zero, as std::round
}

// A value that falls between two codes takes each with its share of the 256 words' high bytes.
TEST(RangeBnForward, StochasticKeepsTheMean) {
  const Channel c = exact_channel();
  const QuantParams out{0x1p-5F, 90, 255};
  const RangeBnApply apply = range_bn_apply_scalars(c.stats.mu, 0x1.9p-7F, 0.0F, out.scale);
  const std::int32_t v = requantise_nearest(256 * 103 - c.stats.mu, apply.factor) + apply.bias;
  ASSERT_NE(v % 256, 0);
  std::int64_t sum = 0;
  for (int r = 0; r < 65536; ++r)
    sum += range_bn_apply_value(103, apply, out, Rounding::kStochastic,
                                static_cast<std::uint16_t>(r)) -
           90;
  EXPECT_EQ(sum, std::int64_t{v} * 256);
  EXPECT_NE(65536 * std::int64_t{range_bn_apply_value(103, apply, out, Rounding::kNearest, 0) - 90},
            sum);
}

TEST(RangeBnForward, RandomChannelsAreWithinRoundingOfTheReal) {
  int cases = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::uint8_t> q(random() % 600 + 2);
    const unsigned spread = random() % 250 + 2;
    const unsigned base = random() % (257 - spread);
    for (auto& value : q) value = static_cast<std::uint8_t>(base + random() % spread);
    const auto n = static_cast<std::int64_t>(q.size());
    const Channel c = channel_of(std::move(q), chunk_count(n, static_cast<int>(random() % 20) + 1));
    if (c.stats.range_sum == 0) continue;
    const float constant = range_constant(RangeConstant::kGaussian, n / c.chunks);
    const float gamma = static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-30F;
    const float beta = static_cast<float>(static_cast<std::int32_t>(random())) * 0x1p-30F;
    const float gain = gamma * range_bn_inverse(c.stats.reciprocal, c.chunks, constant);
    const QuantParams out =
        choose_quant_params(range_bn_output_range({&c.stats, 1}, {&gain, 1}, {&beta, 1}), 8);
    const RangeBnApply apply = range_bn_apply_scalars(c.stats.mu, gain, beta, out.scale);
    std::vector<std::uint8_t> y(c.q.size());
    range_bn_apply_ref(c.q, {&apply, 1}, 0, out, Rounding::kNearest, {}, y);
    const auto exact = forward_oracle(c, static_cast<double>(constant), static_cast<double>(gamma),
                                      static_cast<double>(beta));
    // The mean is rounded to 1/256 code, the reciprocal to 2^-31, v to 1/256 of a step, and the
    // zero point moves the ends by half a step.
    const double steps = std::abs(static_cast<double>(gain / out.scale));
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double real = static_cast<double>(out.scale) * (y[i] - out.zero_point);
      const bool end = y[i] == 0 || y[i] == 255;
      const double allowed = (end ? 1.0 : 0.5) + steps / 512 + 2.0 / 256 + 0.01;
      ASSERT_LE(std::abs(real - exact[i]) / static_cast<double>(out.scale), allowed)
          << "seed " << seed << " q " << int{c.q[i]};
    }
    ++cases;
  }
  EXPECT_GT(cases, 250);
}

TEST(RangeBnForward, DeadChannelGivesBeta) {
  const Channel c = channel_of(std::vector<std::uint8_t>(50, 200), 4);
  ASSERT_EQ(c.stats.range_sum, 0);
  const float gain = 3.0F * range_bn_inverse(c.stats.reciprocal, 4, 0.25F);
  EXPECT_EQ(gain, 0.0F);
  const QuantParams out{0.5F, 100, 255};
  const RangeBnApply apply = range_bn_apply_scalars(c.stats.mu, gain, 1.5F, out.scale);
  for (int q = 0; q < 256; ++q)
    EXPECT_EQ(range_bn_apply_value(q, apply, out, Rounding::kNearest, 0), 103);
}

// Only differences count: codes moved together (another zero point) give the same bytes.
TEST(RangeBnForward, ZeroPointOfTheInputCancels) {
  std::mt19937 random(11);
  std::vector<std::uint8_t> q(300);
  for (auto& value : q) value = static_cast<std::uint8_t>(random() % 100);
  const Channel c = channel_of(q, 16);
  for (const int shift : {1, 50, 156}) {
    std::vector<std::uint8_t> moved = q;
    for (auto& value : moved) value = static_cast<std::uint8_t>(value + shift);
    const Channel other = channel_of(moved, 16);
    ASSERT_EQ(other.stats.mu, c.stats.mu + 256 * shift);
    ASSERT_EQ(other.stats.range_sum, c.stats.range_sum);
    ASSERT_EQ(other.extremes.argmax, c.extremes.argmax);
    ASSERT_EQ(other.extremes.argmin, c.extremes.argmin);
    const QuantParams out{0.02F, 120, 255};
    const float gain = range_bn_inverse(c.stats.reciprocal, 16, 0.3F);
    const float beta = 0.1F;
    EXPECT_EQ(range_bn_output_range({&other.stats, 1}, {&gain, 1}, {&beta, 1}),
              range_bn_output_range({&c.stats, 1}, {&gain, 1}, {&beta, 1}));
    std::vector<std::uint8_t> y(q.size()), moved_y(q.size());
    const RangeBnApply apply = range_bn_apply_scalars(c.stats.mu, gain, beta, out.scale);
    const RangeBnApply moved_apply = range_bn_apply_scalars(other.stats.mu, gain, beta, out.scale);
    range_bn_apply_ref(q, {&apply, 1}, 0, out, Rounding::kNearest, {}, y);
    range_bn_apply_ref(moved, {&moved_apply, 1}, 0, out, Rounding::kNearest, {}, moved_y);
    EXPECT_EQ(moved_y, y);
  }
}

TEST(RangeBnForward, OutputRangeIsThatOfTheValues) {
  const RangeBnStats stats[] = {{0, 256 * 10, 5, 0, 4, 20}, {0, 256 * 100, 5, 0, 90, 120}};
  const float gain[] = {0.5F, -0.25F};
  const float beta[] = {0.0F, 1.0F};
  EXPECT_EQ(range_bn_output_range(stats, gain, beta), (Range{-4.0F, 5.0F}));
}

TEST(RangeBnForward, BiasSaturates) {
  EXPECT_EQ(range_bn_apply_scalars(0, 1.0F, 1e30F, 1e-10F).bias, 1 << 30);
  EXPECT_EQ(range_bn_apply_scalars(0, 1.0F, -1e30F, 1e-10F).bias, -(1 << 30));
  EXPECT_EQ(range_bn_apply_scalars(0, 1.0F, 0.5F, 1.0F).bias, 128);
}

}  // namespace
}  // namespace octet::model
