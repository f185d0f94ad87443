#include "model/ops/softmax_xent.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "model/ops/exp2_table.hpp"

namespace octet::model {
namespace {

using Wide = std::vector<std::int32_t>;
using Labels = std::vector<std::uint16_t>;
constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();
constexpr int kOne = 1 << 24;

TEST(Exp2Table, IsTheRoundedPower) {
  for (int k = 0; k <= 256; ++k)
    ASSERT_EQ(kExp2Table[static_cast<std::size_t>(k)],
              std::llround(std::exp2(30.0L - static_cast<long double>(k) / 256.0L)))
        << k;
}

struct Found {
  Wide gradient;
  SoftmaxResult sums;
};
Found softmax(const Wide& logits, int classes, Multiplier factor, const Labels& labels) {
  Found f{Wide(logits.size()), {}};
  f.sums = softmax_xent_ref(logits, classes, factor, labels, f.gradient);
  return f;
}

// Probabilities of one image in long double, `unit` nats a logit step, and the loss of `label`.
std::vector<long double> softmax_oracle(const Wide& logits, long double unit) {
  long double top = logits[0];
  for (const std::int32_t x : logits) top = std::max<long double>(top, x);
  long double sum = 0;
  std::vector<long double> p;
  for (const std::int32_t x : logits) p.push_back(std::exp((x - top) * unit));
  for (const long double value : p) sum += value;
  for (long double& value : p) value /= sum;
  return p;
}

void expect_close(const Wide& logits, long double unit, Multiplier factor, int label,
                  long double tolerance, std::uint32_t seed) {
  const auto exact = softmax_oracle(logits, unit);
  const Found found =
      softmax(logits, static_cast<int>(logits.size()), factor, {static_cast<std::uint16_t>(label)});
  std::int64_t total = 0;
  for (std::size_t j = 0; j < logits.size(); ++j) {
    const std::int32_t share = found.gradient[j] + (static_cast<int>(j) == label ? kOne : 0);
    ASSERT_LE(std::abs(share * 0x1p-24L - exact[j]), tolerance)
        << "seed " << seed << " class " << j;
    ASSERT_GE(share, 0);
    total += found.gradient[j];
  }
  ASSERT_LE(2 * std::abs(total), static_cast<std::int64_t>(logits.size())) << "seed " << seed;
  const long double probability = exact[static_cast<std::size_t>(label)];
  if (probability > 1e-20L) {
    ASSERT_NEAR(nats(found.sums.loss_q16_log2), static_cast<double>(-std::log(probability)), 1e-4)
        << "seed " << seed;
  }
}

// Logits that are already units of 2^-16 in log2: what is left is the table's chord and the shares'
// rounding.
TEST(Softmax, ProbabilitiesOfExactLogits) {
  const Multiplier one = quantise_multiplier(1.0F);
  for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937 random(seed);
    Wide logits(random() % 20 + 1);
    const unsigned spread = 1U << (random() % 21 + 1);
    for (auto& x : logits) x = static_cast<std::int32_t>(random() % spread) - 12345;
    expect_close(logits, std::log(2.0L) / 65536, one,
                 static_cast<int>(random() % static_cast<unsigned>(logits.size())), 0x1p-20L, seed);
    if (HasFatalFailure()) return;
  }
}

// Any scale: a logit is rounded to 2^-17 in log2, which moves a probability by at most
// p (1 - p) 2 (2^-17 ln 2 + chord) < 2^-18.
TEST(Softmax, ProbabilitiesOfRealLogits) {
  for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937 random(seed);
    Wide logits(random() % 20 + 2);
    const int shift = static_cast<int>(random() % 16);
    for (auto& x : logits) x = static_cast<std::int32_t>(random()) >> (shift + 2);
    const float scale = std::ldexp(1.0F + static_cast<float>(random() >> 9) * 0x1p-23F,
                                   shift - 27);  // differences up to about 16
    expect_close(logits, static_cast<long double>(scale), softmax_factor(scale),
                 static_cast<int>(random() % static_cast<unsigned>(logits.size())), 0x1p-18L, seed);
    if (HasFatalFailure()) return;
  }
}

TEST(Softmax, ByHand) {
  const Multiplier one = quantise_multiplier(1.0F);
  const Found even = softmax({7, 7, 7, 7}, 4, one, {2});
  EXPECT_EQ(even.gradient, (Wide{kOne / 4, kOne / 4, -3 * kOne / 4, kOne / 4}));
  EXPECT_EQ(even.sums.loss_q16_log2, 2 << 16);
  EXPECT_NEAR(nats(even.sums.loss_q16_log2), std::log(4.0), 1e-12);
  EXPECT_EQ(even.sums.correct, 0);  // of equal logits the lowest class is the prediction
  EXPECT_EQ(softmax({7, 7, 7, 7}, 4, one, {0}).sums.correct, 1);
  const Found third = softmax({0, -65536}, 2, one, {0});  // 1 and 1/2
  EXPECT_EQ(third.gradient[1], 5592405);
  EXPECT_EQ(third.gradient[0], 11184811 - kOne);
  EXPECT_EQ(third.sums.loss_q16_log2, 38336);  // floor of 65536 log2 1.5
}

TEST(Softmax, LabelsAboveAByte) {
  const Multiplier one = quantise_multiplier(1.0F);
  const Wide even(1024, 7);  // each class has 2^-10
  for (const std::uint16_t label : {0, 255, 256, 744, 1000, 1023}) {
    Wide expected(1024, kOne / 1024);
    expected[label] -= kOne;
    const Found found = softmax(even, 1024, one, {label});
    EXPECT_EQ(found.gradient, expected) << "label " << label;
    EXPECT_EQ(found.sums.loss_q16_log2, 10 << 16);
    EXPECT_EQ(found.sums.correct, label == 0 ? 1 : 0);
  }
}

TEST(Softmax, ExtremeLogits) {
  for (const float scale : {1e-38F, 1e-20F, 1e-5F, 1.0F, 1e20F, 3e33F}) {
    const Found found = softmax({kMax, kMin, 0, kMin}, 4, softmax_factor(scale), {0});
    std::int64_t total = 0;
    for (const std::int32_t g : found.gradient) {
      total += g;
      ASSERT_TRUE(g >= -kOne && g <= kOne);
    }
    EXPECT_LE(std::abs(total), 2);
    EXPECT_EQ(found.sums.correct, 1);
    EXPECT_GE(found.sums.loss_q16_log2, 0);
    if (scale >= 1e-5F) {
      EXPECT_EQ(found.gradient, (Wide{0, 0, 0, 0}));
    } else if (scale <= 1e-20F) {
      EXPECT_EQ(found.gradient, (Wide{kOne / 4 - kOne, kOne / 4, kOne / 4, kOne / 4}));
    }
    const Found wrong = softmax({kMax, kMin}, 2, softmax_factor(scale), {1});
    EXPECT_EQ(wrong.sums.correct, 0);
    if (scale >= 1.0F) {
      EXPECT_EQ(wrong.gradient, (Wide{kOne, -kOne}));
      EXPECT_GE(wrong.sums.loss_q16_log2, 1 << 30);  // saturated, not wrapped
      // Two classes share the probability: one more bit than the farthest logit alone.
      const Found shared = softmax({kMax, kMax, kMin}, 3, softmax_factor(scale), {2});
      EXPECT_EQ(shared.sums.loss_q16_log2, wrong.sums.loss_q16_log2 + (1 << 16));
    }
  }
}

TEST(Softmax, ImagesAddAndStandAlone) {
  const Multiplier factor = softmax_factor(0.001F);
  const Wide logits = {100, 900, -50, 700, 800, 0};
  const Found both = softmax(logits, 3, factor, {1, 2});
  const Found first = softmax({100, 900, -50}, 3, factor, {1});
  const Found second = softmax({700, 800, 0}, 3, factor, {2});
  EXPECT_EQ(both.sums.loss_q16_log2, first.sums.loss_q16_log2 + second.sums.loss_q16_log2);
  EXPECT_EQ(both.sums.correct, 1);
  Wide joined = first.gradient;
  joined.insert(joined.end(), second.gradient.begin(), second.gradient.end());
  EXPECT_EQ(both.gradient, joined);
  // Without a gradient (inference) the same loss.
  EXPECT_EQ(softmax_xent_ref(logits, 3, factor, Labels{1, 2}, {}).loss_q16_log2,
            both.sums.loss_q16_log2);
}

}  // namespace
}  // namespace octet::model
