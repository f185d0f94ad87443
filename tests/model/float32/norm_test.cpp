#include "model/float32/norm.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "model/ops/range_bn.hpp"

namespace octet::model::float32 {
namespace {

// One batch of rows in binary64, with random gamma, beta and upstream gradient.
struct Problem {
  Problem(std::int64_t rows, int width, std::uint32_t seed) : n(rows), channels(width) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    const auto count = static_cast<std::size_t>(rows * width);
    for (auto* values : {&x, &h}) {
      values->resize(count);
      for (double& value : *values) value = normal(random);
    }
    for (double& value : x) value = 3.0 * value + 1.5;
    for (auto* values : {&gamma, &beta}) {
      values->resize(static_cast<std::size_t>(width));
      for (double& value : *values) value = 1.0 + 0.5 * normal(random);
    }
    dgamma.resize(gamma.size());
    dbeta.resize(gamma.size());
    dx.resize(count);
  }

  std::int64_t n;
  int channels;
  std::vector<double> x, h, gamma, beta, dgamma, dbeta, dx;
};

using Statistics = NormStatistics<double>;

// [0, rows) in `count` ranges of about the same length.
std::vector<RowRange> cut(std::int64_t rows, int count) {
  std::vector<RowRange> ranges;
  for (int i = 0; i < count; ++i) ranges.push_back({rows * i / count, rows * (i + 1) / count});
  return ranges;
}

template <class Real>
std::span<const Real> rows_of(std::span<const Real> x, const RowRange& range, int channels) {
  return x.subspan(static_cast<std::size_t>(range.begin * channels),
                   static_cast<std::size_t>((range.end - range.begin) * channels));
}

// Statistics and parameter gradients of all rows, in ranges; chunks 0: batch normalisation.
constexpr int kRanges = 5;
template <class Real>
void gather_statistics(std::span<const Real> x, int channels, int chunks, Real constant,
                       NormStatistics<Real>& s) {
  const auto ranges = cut(static_cast<std::int64_t>(x.size()) / channels, kRanges);
  NormGatherer<Real> gatherer(ranges, channels, chunks);
  for (int i = kRanges - 1; i >= 0; --i)  // in any order
    gatherer.gather(i, rows_of(x, ranges[static_cast<std::size_t>(i)], channels));
  gatherer.finish(constant, s);
}
template <class Real>
void gather_gradients(std::span<const Real> h, std::span<const Real> x,
                      const NormStatistics<Real>& s, std::span<Real> dgamma,
                      std::span<Real> dbeta) {
  const int channels = static_cast<int>(dgamma.size());
  const auto ranges = cut(static_cast<std::int64_t>(x.size()) / channels, kRanges);
  NormGradientGatherer<Real> gatherer(kRanges, channels);
  for (int i = kRanges - 1; i >= 0; --i) {
    const RowRange& range = ranges[static_cast<std::size_t>(i)];
    gatherer.gather(i, rows_of(h, range, channels), rows_of(x, range, channels), s.mean);
  }
  gatherer.finish(s.inverse, dgamma, dbeta);
}
template <class Real>
void range_bn_backward(std::span<const Real> h, const NormStatistics<Real>& s,
                       const NormBackward<Real>& backward, std::span<Real> dx) {
  const int channels = static_cast<int>(backward.gamma.size());
  const auto n = static_cast<std::int64_t>(h.size()) / channels;
  for (const RowRange& range : cut(n, kRanges))
    range_bn_data_gradient<Real>(
        rows_of(h, range, channels), s, backward, range, n,
        dx.subspan(static_cast<std::size_t>(range.begin * channels),
                   static_cast<std::size_t>((range.end - range.begin) * channels)));
}
constexpr double kConstant = 0.2357;

class Normalisation : public ::testing::TestWithParam<bool> {
 protected:
  void statistics(const Problem& p, int chunks, Statistics& s) {
    if (GetParam())
      gather_statistics<double>(p.x, p.channels, chunks, kConstant, s);
    else
      gather_statistics<double>(p.x, p.channels, 0, 1.0, s);
  }
  // L = sum of h y: its gradient with respect to y is h.
  double loss(const Problem& p, int chunks) {
    Statistics s;
    statistics(p, chunks, s);
    std::vector<double> y(p.x.size());
    norm_apply<double>(p.x, {s.mean, s.inverse, p.gamma, p.beta}, false, y);
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) sum += p.h[i] * y[i];
    return sum;
  }
  Statistics backward(Problem& p, int chunks) {
    Statistics s;
    statistics(p, chunks, s);
    gather_gradients<double>(p.h, p.x, s, p.dgamma, p.dbeta);
    if (GetParam())
      range_bn_backward<double>(p.h, s, {p.gamma, p.dgamma, p.dbeta}, p.dx);
    else
      batch_norm_data_gradient<double>(p.h, p.x, s, {p.gamma, p.dgamma, p.dbeta}, p.n, p.dx);
    return s;
  }
  double slope(Problem& p, int chunks, double& value) {
    constexpr double kStep = 1e-5;  // too small to change which value is a chunk's extreme
    const double kept = value;
    value = kept + kStep;
    const double above = loss(p, chunks);
    value = kept - kStep;
    const double below = loss(p, chunks);
    value = kept;
    return (above - below) / (2 * kStep);
  }
};

TEST_P(Normalisation, BackwardIsTheDerivative) {
  struct Size {
    std::int64_t rows;
    int channels, chunks;
  };
  for (const Size size : {Size{12, 3, 1}, Size{37, 2, 4}, Size{64, 5, 16}, Size{7, 1, 7}}) {
    Problem p(size.rows, size.channels, 11);
    backward(p, size.chunks);
    // Central differences err by step^2 times the third derivative, and by rounding over the step.
    const double tolerance = 1e-7;
    // Chunks of one value have no range: the channel is dead and its derivative is not tested here.
    if (GetParam() && size.rows == size.chunks) {
      for (const double value : p.dx) EXPECT_EQ(value, 0.0);
      continue;
    }
    for (std::size_t i = 0; i < p.x.size(); ++i)
      EXPECT_NEAR(p.dx[i], slope(p, size.chunks, p.x[i]), tolerance) << "dx " << i;
    for (std::size_t c = 0; c < p.gamma.size(); ++c) {
      EXPECT_NEAR(p.dgamma[c], slope(p, size.chunks, p.gamma[c]), tolerance) << "dgamma " << c;
      EXPECT_NEAR(p.dbeta[c], slope(p, size.chunks, p.beta[c]), tolerance) << "dbeta " << c;
    }
  }
}

// y does not change when x is shifted or stretched, so dx is orthogonal to both directions. For
// batch normalisation epsilon spoils the second one by its share of the variance.
TEST_P(Normalisation, GradientIgnoresShiftAndStretch) {
  Problem p(500, 4, 5);
  const Statistics s = backward(p, 16);
  for (int c = 0; c < p.channels; ++c) {
    double shift = 0;
    double stretch = 0;
    for (std::int64_t i = 0; i < p.n; ++i) {
      const auto at = static_cast<std::size_t>(i * p.channels + c);
      shift += p.dx[at];
      stretch += p.dx[at] * (p.x[at] - s.mean[static_cast<std::size_t>(c)]);
    }
    EXPECT_NEAR(shift, 0.0, 1e-12);
    EXPECT_NEAR(stretch, 0.0, GetParam() ? 1e-11 : 1e-4);
  }
}

// The statistics as they are defined, on more rows than a tile or a run of tiles holds.
TEST_P(Normalisation, StatisticsAreTheDefinition) {
  for (const int channels : {1, 3, 16, 300}) {
    const Problem p(40'001 / channels + 7, channels, 8);
    const int chunks = 16;
    Statistics s;
    statistics(p, chunks, s);
    const auto value = [&](std::int64_t row, int c) {
      return p.x[static_cast<std::size_t>(row * channels + c)];
    };
    for (int c = 0; c < channels; ++c) {
      const auto at = static_cast<std::size_t>(c);
      double mean = 0;
      for (std::int64_t row = 0; row < p.n; ++row) mean += value(row, c) / static_cast<double>(p.n);
      double spread = 0;
      for (std::int64_t row = 0; row < p.n && !GetParam(); ++row)
        spread += (value(row, c) - mean) * (value(row, c) - mean) / static_cast<double>(p.n);
      for (int k = 0; k < chunks && GetParam(); ++k) {
        std::int64_t high = chunk_begin(p.n, chunks, k);
        std::int64_t low = high;
        for (std::int64_t row = high; row < chunk_begin(p.n, chunks, k + 1); ++row) {
          if (value(row, c) > value(high, c)) high = row;
          if (value(row, c) < value(low, c)) low = row;
        }
        EXPECT_EQ(s.argmax[static_cast<std::size_t>(k * channels + c)], high);
        EXPECT_EQ(s.argmin[static_cast<std::size_t>(k * channels + c)], low);
        spread += (value(high, c) - value(low, c)) / chunks;
      }
      EXPECT_NEAR(s.mean[at], mean, 1e-12);
      EXPECT_NEAR(s.spread[at], spread, 1e-10);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Normalisation, ::testing::Values(false, true),
                         [](const auto& kind) { return kind.param ? "range" : "batch"; });

TEST(RangeBnFloat, StatisticsAreThoseOfTheIntegerReference) {
  const std::int64_t n = 103;
  const int channels = 3;
  const int chunks = 8;
  std::mt19937 random(3);
  std::vector<std::uint8_t> q(static_cast<std::size_t>(n * channels));
  for (auto& value : q) value = static_cast<std::uint8_t>(random() % 9);  // many ties
  std::vector<RangeBnStats> expected(channels);
  RangeBnExtremes extremes;
  range_bn_statistics_ref(q, channels, chunks, expected, extremes);

  const std::vector<float> x(q.begin(), q.end());
  NormStatistics<float> found;
  gather_statistics<float>(x, channels, chunks, 0.5F, found);
  for (std::size_t c = 0; c < channels; ++c) {
    EXPECT_FLOAT_EQ(found.mean[c], static_cast<float>(expected[c].sum) / static_cast<float>(n));
    EXPECT_FLOAT_EQ(found.spread[c], static_cast<float>(expected[c].range_sum) / chunks);
    EXPECT_FLOAT_EQ(found.inverse[c], 2.0F / found.spread[c]);
    for (std::size_t k = 0; k < chunks; ++k) {
      EXPECT_EQ(found.argmax[k * channels + c], extremes.argmax[c * chunks + k]);
      EXPECT_EQ(found.argmin[k * channels + c], extremes.argmin[c * chunks + k]);
    }
  }
}

TEST(RangeBnFloat, ADeadChannelGivesBetaAndNoGradient) {
  const std::vector<float> x(32, 4.25F);
  NormStatistics<float> s;
  gather_statistics<float>(x, 1, 4, 0.3F, s);
  EXPECT_EQ(s.inverse[0], 0.0F);
  const std::vector<float> gamma = {2.0F};
  const std::vector<float> beta = {0.75F};
  std::vector<float> y(32);
  norm_apply<float>(x, {s.mean, s.inverse, gamma, beta}, false, y);
  for (const float value : y) EXPECT_EQ(value, 0.75F);
  const std::vector<float> h(32, 1.0F);
  std::vector<float> dgamma(1);
  std::vector<float> dbeta(1);
  gather_gradients<float>(h, x, s, dgamma, dbeta);
  EXPECT_EQ(dgamma[0], 0.0F);
  EXPECT_EQ(dbeta[0], 32.0F);
  std::vector<float> dx(32, 9.0F);
  range_bn_backward<float>(h, s, {gamma, dgamma, dbeta}, dx);
  for (const float value : dx) EXPECT_EQ(value, 0.0F);
}

}  // namespace
}  // namespace octet::model::float32
