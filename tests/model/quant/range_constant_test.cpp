#include "model/quant/range_constant.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

namespace octet::model {
namespace {

struct KnownRange {
  std::int64_t m;
  double d2;  // published values of the expected range of m normal values
};
constexpr std::array<KnownRange, 7> kKnown = {{{2, 1.12838},
                                               {16, 3.5320},
                                               {64, 4.6875},
                                               {1024, 6.4965},
                                               {32768, 8.2682},
                                               {131072, 8.8861},
                                               {1048576, 9.7446}}};

// The integral of the table's comment another way: Simpson's rule, and pow instead of log1p.
double expected_range(double n) {
  const int intervals = 4000;
  const double h = 24.0 / intervals;
  double sum = 0;
  for (int i = 0; i <= intervals; ++i) {
    const double x = -12.0 + i * h;
    const double below = 0.5 * std::erfc(-x / std::sqrt(2.0));
    const double above = 0.5 * std::erfc(x / std::sqrt(2.0));
    const double value = 1.0 - std::pow(below, n) - std::pow(above, n);
    const int weight = i == 0 || i == intervals ? 1 : (i % 2 == 0 ? 2 : 4);
    sum += weight * value;
  }
  return sum * h / 3;
}

TEST(RangeConstant, GaussianIsThePublishedRange) {
  for (const KnownRange& known : kKnown)
    EXPECT_NEAR(1.0 / range_constant(RangeConstant::kGaussian, known.m), known.d2, 6e-5)
        << "m = " << known.m;
}

TEST(RangeConstant, TableIsTheIntegralAtEveryPowerOfTwo) {
  for (int k = 1; k <= 24; ++k) {
    const double expected = expected_range(std::ldexp(1.0, k));
    EXPECT_NEAR(1.0 / range_constant(RangeConstant::kGaussian, std::int64_t{1} << k), expected,
                2e-6 * expected)
        << "m = 2^" << k;
  }
}

// The range is concave in log2 m, so a chord lies below it; the widest gap is between 2 and 4.
TEST(RangeConstant, InterpolationStaysCloseToTheIntegral) {
  for (const std::int64_t m : {3, 5, 7, 11, 48, 100, 784, 6272, 10000, 100000}) {
    const double expected = expected_range(static_cast<double>(m));
    const double found = 1.0 / range_constant(RangeConstant::kGaussian, m);
    EXPECT_LT(found, expected * (1 + 1e-6)) << "m = " << m;
    EXPECT_GT(found, expected * (m < 16 ? 0.98 : 0.997)) << "m = " << m;
  }
}

TEST(RangeConstant, PaperIsTheLeadingTermOnly) {
  EXPECT_NEAR(range_constant(RangeConstant::kPaper, 1024), 1.0 / std::sqrt(2 * std::log(1024.0)),
              1e-6);
  EXPECT_NEAR(range_constant(RangeConstant::kPaper, 1024) * 6.4965, 1.745, 5e-4);
}

TEST(RangeConstant, AuthorsUseASmallerFactor) {
  EXPECT_NEAR(range_constant(RangeConstant::kAuthors, 1024) * 6.4965, 0.943, 5e-4);
  EXPECT_NEAR(
      range_constant(RangeConstant::kAuthors, 777) / range_constant(RangeConstant::kPaper, 777),
      0.540208, 1e-6);
}

TEST(RangeConstant, OneValueCountsAsTwo) {
  for (const RangeConstant kind :
       {RangeConstant::kPaper, RangeConstant::kAuthors, RangeConstant::kGaussian})
    EXPECT_EQ(range_constant(kind, 1), range_constant(kind, 2));
}

TEST(RangeConstant, GaussianIsConstantBeyondTheTable) {
  const std::int64_t last = std::int64_t{1} << 24;
  EXPECT_EQ(range_constant(RangeConstant::kGaussian, last),
            range_constant(RangeConstant::kGaussian, 16 * last + 5));
  EXPECT_GT(range_constant(RangeConstant::kGaussian, last - 100000),
            range_constant(RangeConstant::kGaussian, last));
}

TEST(RangeConstant, NeverGrowsWithTheChunk) {
  for (const RangeConstant kind :
       {RangeConstant::kPaper, RangeConstant::kAuthors, RangeConstant::kGaussian})
    for (std::int64_t m = 2; m < 5000; ++m)
      EXPECT_GE(range_constant(kind, m), range_constant(kind, m + 1)) << "m = " << m;
}

}  // namespace
}  // namespace octet::model
