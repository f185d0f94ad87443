#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "model/ops/range_bn.hpp"

namespace octet::model {
namespace {

struct Pass {
  RangeBnStats stats;
  RangeBnExtremes extremes;
  RangeBnSums sums;
  RangeBnBackward scalars;
  std::vector<std::int32_t> e;
};
template <class Code>
Pass backward(const std::vector<std::uint8_t>& q, int chunks, const std::vector<Code>& g,
              int zero) {
  Pass p;
  range_bn_statistics_ref(q, 1, chunks, {&p.stats, 1}, p.extremes);
  range_bn_gradient_sums_ref<Code>(g, zero, q, {&p.stats, 1}, {&p.sums, 1});
  p.scalars =
      range_bn_backward_scalars(p.sums, static_cast<std::int64_t>(q.size()), p.stats.range_sum);
  p.e.resize(q.size());
  if constexpr (sizeof(Code) == 1)
    range_bn_backward_ref(g, zero, 1, chunks, {&p.stats, 1}, p.extremes, {&p.scalars, 1}, p.e);
  return p;
}

struct Real {
  std::vector<double> y, dx;
  double dgamma = 0, dbeta = 0;
};
// Forward pass and its derivative in double. `dx` routes the range's part to the given rows.
Real real_pass(const std::vector<double>& x, int chunks, const std::vector<double>& dy,
               double gamma, double constant, const RangeBnExtremes& extremes) {
  const double n = static_cast<double>(x.size());
  double mean = 0;
  for (const double value : x) mean += value / n;
  double range = 0;
  for (int k = 0; k < chunks; ++k)
    range += (x[static_cast<std::size_t>(extremes.argmax[static_cast<std::size_t>(k)])] -
              x[static_cast<std::size_t>(extremes.argmin[static_cast<std::size_t>(k)])]) /
             chunks;
  const double divisor = constant * range;
  Real r;
  double product = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    r.y.push_back(gamma * (x[i] - mean) / divisor);
    r.dbeta += dy[i];
    r.dgamma += dy[i] * (x[i] - mean) / divisor;
    product += gamma * dy[i] * (x[i] - mean);
  }
  for (const double g : dy) r.dx.push_back(gamma * (g - r.dbeta / n) / divisor);
  for (int k = 0; k < chunks; ++k) {  // d(1 / divisor) by the ends of each chunk
    const double part = product / (divisor * range) / chunks;
    r.dx[static_cast<std::size_t>(extremes.argmax[static_cast<std::size_t>(k)])] -= part;
    r.dx[static_cast<std::size_t>(extremes.argmin[static_cast<std::size_t>(k)])] += part;
  }
  return r;
}

TEST(RangeBnBackward, ClosedFormIsTheDerivative) {
  std::mt19937 random(3);
  const int chunks = 3;
  std::vector<std::uint8_t> q(25);
  for (std::size_t i = 0; i < q.size(); ++i)
    q[i] = static_cast<std::uint8_t>(i * 7 % 25 * 10 + random() % 3);
  RangeBnStats stats;
  RangeBnExtremes extremes;
  range_bn_statistics_ref(q, 1, chunks, {&stats, 1}, extremes);
  std::vector<double> x(q.begin(), q.end()), dy;
  for (std::size_t i = 0; i < x.size(); ++i) dy.push_back(static_cast<double>(random() % 100) - 40);
  const Real exact = real_pass(x, chunks, dy, 0.7, 0.3, extremes);
  for (std::size_t i = 0; i < x.size(); ++i) {
    double difference = 0;
    for (const double move : {1e-4, -1e-4}) {
      std::vector<double> moved = x;
      moved[i] += move;
      const Real there = real_pass(moved, chunks, dy, 0.7, 0.3, extremes);
      for (std::size_t k = 0; k < x.size(); ++k) difference += there.y[k] * dy[k] / (2 * move);
    }
    EXPECT_NEAR(exact.dx[i], difference, 1e-6) << i;
  }
}

// e times its scale against the closed form, on reals s_x (q - z_x) and s_g (g - z).
TEST(RangeBnBackward, IsTheClosedFormWithinRounding) {
  int cases = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const std::size_t n = random() % 700 + 2;
    std::vector<std::uint8_t> q(n), g(n);
    const unsigned spread = random() % 3 == 0 ? 5 : 256;  // few values: many ties
    for (auto& value : q) value = static_cast<std::uint8_t>(random() % spread);
    for (auto& value : g) value = static_cast<std::uint8_t>(random());
    const int zero = static_cast<int>(random() % 256);
    const int chunks =
        chunk_count(static_cast<std::int64_t>(n), static_cast<int>(random() % 20) + 1);
    const Pass p = backward(q, chunks, g, zero);
    if (p.stats.range_sum == 0) continue;
    const double s_x = 0.031, s_g = 0.0007, gamma = -1.3, constant = 0.21;
    std::vector<double> x, dy;
    for (std::size_t i = 0; i < n; ++i) {
      x.push_back(s_x * (q[i] - 31.0));
      dy.push_back(s_g * (g[i] - zero));
    }
    const Real exact = real_pass(x, chunks, dy, gamma, constant, p.extremes);
    const double inverse = static_cast<double>(chunks) / p.stats.range_sum / constant;
    const double scale = gamma * inverse / s_x * s_g / 256;
    // mg is rounded, and so is t, which also sees a mean that is off by half a unit.
    const double sum = std::abs(static_cast<double>(p.sums.gradient));
    const double at_extreme = 0.5 + 0.5 * sum / p.stats.range_sum;
    std::vector<double> allowed(n, 0.5001);
    for (const auto& rows : {p.extremes.argmax, p.extremes.argmin})
      for (const std::int32_t row : rows) allowed[static_cast<std::size_t>(row)] += at_extreme;
    for (std::size_t i = 0; i < n; ++i)
      ASSERT_LE(std::abs(p.e[i] - exact.dx[i] / scale), allowed[i])
          << "seed " << seed << " row " << i;
    EXPECT_NEAR(static_cast<double>(p.sums.gradient) * s_g, exact.dbeta, 1e-9);
    EXPECT_NEAR(static_cast<double>(p.sums.product) * s_g * inverse / 256, exact.dgamma,
                sum * 0.5001 * s_g * inverse / 256 + 1e-9);
    ++cases;
  }
  EXPECT_GT(cases, 250);
}

std::int64_t total(const std::vector<std::int32_t>& e) {
  std::int64_t sum = 0;
  for (const std::int32_t value : e) sum += value;
  return sum;
}

TEST(RangeBnBackward, SumsToZeroWithinHalfAUnitAValue) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const std::size_t n = random() % 900 + 1;
    std::vector<std::uint8_t> q(n), g(n);
    for (auto& value : q) value = static_cast<std::uint8_t>(random() % 9 * 20);
    for (auto& value : g) value = static_cast<std::uint8_t>(random());
    const Pass p = backward(q, chunk_count(static_cast<std::int64_t>(n), 16), g, 9);
    ASSERT_LE(2 * std::abs(total(p.e)), static_cast<std::int64_t>(n)) << "seed " << seed;
  }
}

TEST(RangeBnBackward, ByHandWithTies) {
  // One chunk: mean 5, R 10; the maximum twice, the minimum twice; the first of each is charged.
  const std::vector<std::uint8_t> q = {0, 10, 10, 0};
  const std::vector<std::uint8_t> g = {12, 10, 14, 10};  // zero point 10: 2 0 4 0
  const Pass p = backward(q, 1, g, 10);
  EXPECT_EQ(p.sums, (RangeBnSums{6, 256 * (-10 + 20)}));
  EXPECT_EQ(p.scalars.mean, 384);     // 256 6 / 4
  EXPECT_EQ(p.scalars.extreme, 256);  // 2560 / 10
  EXPECT_EQ(p.e, (std::vector<std::int32_t>{512 - 384 + 256, -384 - 256, 1024 - 384, -384}));
}

TEST(RangeBnBackward, SingleValueOfAChunkCancels) {
  const std::vector<std::uint8_t> q = {9, 0, 50};  // chunks {9} and {0, 50}
  const std::vector<std::uint8_t> g = {1, 2, 3};
  const Pass p = backward(q, 2, g, 0);
  EXPECT_EQ(p.stats.range_sum, 50);
  EXPECT_NE(p.scalars.extreme, 0);
  EXPECT_EQ(p.e[0], 256 * 1 - p.scalars.mean);
}

TEST(RangeBnBackward, DeadChannelPassesNothing) {
  const std::vector<std::uint8_t> q(20, 7);
  std::vector<std::uint8_t> g(20, 255);
  const Pass p = backward(q, 4, g, 0);
  EXPECT_EQ(p.scalars.mean, 0);
  EXPECT_EQ(p.scalars.extreme, 0);
  EXPECT_EQ(p.e, std::vector<std::int32_t>(20, 0));
  EXPECT_EQ(p.sums.product, 0);
}

TEST(RangeBnBackward, ScalarsRoundAwayAndSaturate) {
  EXPECT_EQ(range_bn_backward_scalars({1, 5}, 512, 2).mean, 1);
  EXPECT_EQ(range_bn_backward_scalars({-1, -5}, 512, 2).mean, -1);
  EXPECT_EQ(range_bn_backward_scalars({1, 5}, 513, 2).mean, 0);
  EXPECT_EQ(range_bn_backward_scalars({1, 5}, 512, 2).extreme, 3);
  EXPECT_EQ(range_bn_backward_scalars({1, -5}, 512, 2).extreme, -3);
  const std::int64_t huge = (std::int64_t{1} << 24) * 65535 * 65280;  // 57 bits
  EXPECT_EQ(range_bn_backward_scalars({0, huge}, 9, 1).extreme, (1 << 30) - 1);
  EXPECT_EQ(range_bn_backward_scalars({0, -huge}, 9, 1).extreme, -(1 << 30));
  EXPECT_EQ(range_bn_backward_scalars({0, huge}, 9, 0).extreme, 0);
}

TEST(RangeBnBackward, SixteenBitSums) {
  const std::vector<std::uint8_t> q = {0, 10, 10, 0};
  const std::vector<std::uint16_t> g = {65535, 0, 40000, 1};
  const Pass p = backward(q, 1, g, 100);
  EXPECT_EQ(p.sums.gradient, 65435 - 100 + 39900 - 99);
  EXPECT_EQ(p.sums.product, 1280 * (-65435LL - 100 + 39900 + 99));
}

TEST(RangeBnBackward, ZeroPointOfTheInputCancels) {
  std::mt19937 random(5);
  std::vector<std::uint8_t> q(200), g(200);
  for (auto& value : q) value = static_cast<std::uint8_t>(random() % 90);
  for (auto& value : g) value = static_cast<std::uint8_t>(random());
  const Pass p = backward(q, 16, g, 50);
  for (auto& value : q) value = static_cast<std::uint8_t>(value + 160);
  EXPECT_EQ(backward(q, 16, g, 50).e, p.e);
}

}  // namespace
}  // namespace octet::model
