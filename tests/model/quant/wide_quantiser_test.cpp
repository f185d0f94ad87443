#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "model/quant/quantise.hpp"

namespace octet::model {
namespace {

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

// A tensor in pieces, some of which begin or end inside a pixel, against the whole at once.
template <class Code>
void pieces_case(std::uint32_t seed) {
  std::mt19937 random(seed);
  constexpr std::size_t kChannels[] = {1, 1, 3, 16, 17, 32, 64, 5000};
  const std::size_t channels = kChannels[random() % std::size(kChannels)];
  const std::size_t rows = random() % (20'000 / channels + 1) + 1;
  std::vector<std::int32_t> wide(rows * channels);
  for (auto& x : wide) x = static_cast<std::int32_t>(random()) >> (random() % 32);
  std::vector<Multiplier> factors;
  for (std::size_t c = 0; c < channels; ++c)
    factors.push_back({static_cast<std::int32_t>(1U << 30 | (random() & 0x3FFFFFFFU)),
                       static_cast<std::int32_t>(random() % 20) - 2});
  const int q_max = sizeof(Code) == 1 ? 255 : 65535;
  const std::int32_t zeros[] = {0, q_max, q_max / 2};
  const QuantiseJob job{{1.0F, zeros[random() % 3], q_max},
                        factors,
                        random() % 2 == 0 ? Rounding::kNearest : Rounding::kStochastic,
                        {seed, 3, 25}};
  std::vector<Code> expected(wide.size());
  const std::int64_t outside = quantise_wide_ref<Code>(wide, 0, job, expected);

  const WideQuantiser codes(job);
  std::vector<Code> found(wide.size());
  std::int64_t found_outside = 0;
  for (std::size_t begin = 0; begin < wide.size();) {
    std::size_t size = random() % (wide.size() - begin) + 1;
    if (random() % 2 == 0)  // whole pixels
      size = std::min((size + channels - 1) / channels * channels, wide.size() - begin);
    const std::span<const std::int32_t> piece = std::span(wide).subspan(begin, size);
    found_outside += codes.run<Code>(piece, begin, std::span<Code>(found).subspan(begin, size));
    begin += size;
  }
  ASSERT_EQ(found, expected) << "seed " << seed << ", " << channels << " channels";
  ASSERT_EQ(found_outside, outside) << "seed " << seed << ", " << channels << " channels";
}

TEST(WideQuantiser, PiecesAreTheWhole) {
  for (std::uint32_t seed = 1; seed <= 300 && !HasFatalFailure(); ++seed) {
    pieces_case<std::uint8_t>(seed);
    pieces_case<std::uint16_t>(seed);
  }
}

// Every x of interest with exponents as given, a channel each.
template <class Code>
void expect_reference(const std::vector<Multiplier>& factors, const QuantParams& params,
                      Rounding rounding, const std::vector<std::int32_t>& values) {
  std::vector<std::int32_t> wide;
  for (const std::int32_t x : values) wide.insert(wide.end(), factors.size(), x);
  const QuantiseJob job{params, factors, rounding, {7, 2, 3}};
  std::vector<Code> expected(wide.size()), found(wide.size());
  const std::int64_t outside = quantise_wide_ref<Code>(wide, 0, job, expected);
  ASSERT_EQ(WideQuantiser(job).run<Code>(wide, 0, found), outside);
  ASSERT_EQ(found, expected);
}

// The ends of x, and those around which the code of a factor of this exponent leaves its range.
std::vector<std::int32_t> values_around(int exponent) {
  std::vector<std::int32_t> values = {kMin, kMin + 1, -65537, -1, 0, 1, 65537, kMax - 1, kMax};
  for (const std::int64_t code : {1, 127, 128, 255, 256, 16'383, 16'384, 32'768, 65'535, 65'536}) {
    const std::int64_t x =
        exponent >= 0 ? code << (exponent < 16 ? exponent : 16) : code >> -exponent;
    for (const std::int64_t near : {x - 1, x, x + 1, 2 * x}) {
      if (near > kMax) continue;
      values.push_back(static_cast<std::int32_t>(near));
      values.push_back(static_cast<std::int32_t>(-near));
    }
  }
  return values;
}

constexpr std::int32_t kMantissas[] = {kMax, -kMax, 1 << 30, -(1 << 30), (1 << 30) + 1, 0};

TEST(WideQuantiser, EveryExponentWithTheEndsOfValueAndMantissa) {
  for (int exponent = -30; exponent <= 31 && !HasFatalFailure(); ++exponent)
    for (const std::int32_t mantissa : kMantissas)
      for (const std::int32_t zero : {0, 128, 255})
        for (const Rounding rounding : {Rounding::kNearest, Rounding::kStochastic}) {
          SCOPED_TRACE(std::to_string(mantissa) + " exponent " + std::to_string(exponent) +
                       " zero " + std::to_string(zero));
          expect_reference<std::uint8_t>({{mantissa, exponent}}, {1.0F, zero, 255}, rounding,
                                         values_around(exponent));
          expect_reference<std::uint16_t>({{mantissa, exponent}}, {1.0F, 257 * zero, 65535},
                                          rounding, values_around(exponent));
        }
}

// Channels on both sides of the exponents at which kernels change their way.
TEST(WideQuantiser, ExponentsOfSeveralKindsSideBySide) {
  for (const int first : {-30, -16, -15, -14, -13, -12, -1, 0, 1, 16, 17, 18, 31})
    for (const int second : {-30, -16, -15, -14, -13, -12, 0, 1, 17, 18, 31})
      for (const std::size_t channels : {16U, 32U, 19U}) {
        std::vector<Multiplier> factors;
        for (std::size_t c = 0; c < channels; ++c)
          factors.push_back(
              {kMantissas[c % std::size(kMantissas)], c == channels / 2 ? second : first});
        std::vector<std::int32_t> values = values_around(first);
        const std::vector<std::int32_t> more = values_around(second);
        values.insert(values.end(), more.begin(), more.end());
        for (const Rounding rounding : {Rounding::kNearest, Rounding::kStochastic})
          for (const std::int32_t zero : {0, 100}) {
            SCOPED_TRACE(std::to_string(first) + " and " + std::to_string(second) + ", " +
                         std::to_string(channels) + " channels, zero " + std::to_string(zero));
            expect_reference<std::uint8_t>(factors, {1.0F, zero, 255}, rounding, values);
            expect_reference<std::uint16_t>(factors, {1.0F, zero, 65535}, rounding, values);
            if (HasFatalFailure()) return;
          }
      }
}

}  // namespace
}  // namespace octet::model
