#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "model/fixed/requantise.hpp"
#include "model/quant/random_bits.hpp"

// Stochastic rounding with the real bits. Seeds are fixed, so a test either always passes or never;
// bounds are five standard deviations.
namespace octet::model {
namespace {

constexpr std::size_t kCount = 1'000'000;

std::vector<std::uint16_t> bits_of(const RandomAddress& address) {
  std::vector<std::uint16_t> bits(kCount);
  fill_random_bits(address, 0, bits.data(), bits.size());
  return bits;
}

// Correlation of a[i] with b[i + lag].
double correlation(const std::vector<std::uint16_t>& a, const std::vector<std::uint16_t>& b,
                   std::size_t lag) {
  const double mean = 32767.5;
  const double variance = (65536.0 * 65536.0 - 1.0) / 12.0;
  double sum = 0;
  for (std::size_t i = 0; i + lag < a.size(); ++i) sum += (a[i] - mean) * (b[i + lag] - mean);
  return sum / variance / static_cast<double>(a.size() - lag);
}
const double kFiveSigma = 5.0 / std::sqrt(static_cast<double>(kCount));

TEST(RandomStatistics, MeanVarianceAndEveryBit) {
  const auto bits = bits_of({2018, 77, 42});
  double sum = 0;
  double squares = 0;
  std::vector<int> ones(16);
  for (const std::uint16_t word : bits) {
    sum += word;
    squares += (word - 32767.5) * (word - 32767.5);
    for (int b = 0; b < 16; ++b) ones[static_cast<std::size_t>(b)] += word >> b & 1;
  }
  const double variance = (65536.0 * 65536.0 - 1.0) / 12.0;
  EXPECT_NEAR(sum / kCount, 32767.5, 5 * std::sqrt(variance / kCount));
  EXPECT_NEAR(squares / kCount / variance, 1.0, 5 * std::sqrt(0.8 / kCount));
  for (const int count : ones) EXPECT_NEAR(count, kCount / 2.0, 2.5 * std::sqrt(kCount));
}

TEST(RandomStatistics, HighByteIsUniform) {  // chi-square, 255 degrees of freedom
  const auto bits = bits_of({2018, 77, 42});
  for (const int shift : {0, 8}) {
    std::vector<double> counts(256);
    for (const std::uint16_t word : bits) counts[(word >> shift) & 0xFF] += 1;
    double chi = 0;
    for (const double count : counts) chi += (count - kCount / 256.0) * (count - kCount / 256.0);
    EXPECT_NEAR(chi / (kCount / 256.0), 255.0, 5 * std::sqrt(510.0));
  }
}

TEST(RandomStatistics, NeighboursAreUncorrelated) {
  const auto bits = bits_of({2018, 77, 42});
  for (const std::size_t lag : {1UL, 2UL, 3UL, 4UL, 8UL, 64UL})
    EXPECT_LT(std::abs(correlation(bits, bits, lag)), kFiveSigma) << "lag " << lag;
  EXPECT_GT(correlation(bits, bits, 0), 0.99);  // the control
}

TEST(RandomStatistics, StepsStreamsAndSeedsAreUncorrelated) {
  const auto bits = bits_of({1, 100, 8});
  for (const RandomAddress& other :
       {RandomAddress{1, 101, 8}, RandomAddress{1, 100, 9}, RandomAddress{1, 100, 16},
        RandomAddress{2, 100, 8}, RandomAddress{1, 0x80000064, 8}})
    for (const std::size_t lag : {0UL, 1UL})
      EXPECT_LT(std::abs(correlation(bits, bits_of(other), lag)), kFiveSigma)
          << other.seed << " " << other.step << " " << other.stream << " lag " << lag;
}

struct Moments {
  double mean, variance, lag1;
};
// Rounds the same value f many times: x M = f with x = f 2^30, M = 2^-30.
Moments round_many(double f, bool stochastic, std::uint32_t stream) {
  const auto bits = bits_of({4, 5, stream});
  const auto x = static_cast<std::int32_t>(f * 0x1p30);
  const Multiplier factor{1 << 30, 29};
  double sum = 0;
  double squares = 0;
  double products = 0;
  double last = f;
  for (const std::uint16_t word : bits) {
    const double value =
        stochastic ? requantise_stochastic(x, factor, word) : requantise_nearest(x, factor);
    sum += value;
    squares += (value - f) * (value - f);
    products += (value - f) * (last - f);
    last = value;
  }
  return {sum / kCount, squares / kCount, products / kCount};
}

constexpr double kFractions[] = {1.0 / 256, 0.1, 0.25, 0.5, 0.9, 255.0 / 256};

TEST(RandomStatistics, StochasticRoundingIsUnbiased) {
  std::uint32_t stream = 0;
  for (const double f : kFractions) {
    const Moments found = round_many(f, true, stream++);
    const double variance = f * (1 - f);
    EXPECT_NEAR(found.mean, f, 5 * std::sqrt(variance / kCount) + 0x1p-16) << f;
    EXPECT_NEAR(found.variance / variance, 1.0, 0.1 * std::sqrt(0.04 / variance)) << f;
    EXPECT_LT(std::abs(found.lag1) / variance, kFiveSigma) << f;
  }
}

TEST(RandomStatistics, NearestRoundingIsBiased) {  // the control of the test above
  for (const double f : kFractions)
    EXPECT_GT(std::abs(round_many(f, false, 0).mean - f),
              5 * std::sqrt(f * (1 - f) / kCount) + 0x1p-16)
        << f;
}

}  // namespace
}  // namespace octet::model
