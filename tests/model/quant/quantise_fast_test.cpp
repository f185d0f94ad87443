#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"
#include "model/quant/quantise.hpp"

namespace octet::model {
namespace {

constexpr std::int32_t kMin = std::numeric_limits<std::int32_t>::min();
constexpr std::int32_t kMax = std::numeric_limits<std::int32_t>::max();

Multiplier any_multiplier(std::mt19937& random, int kind) {
  const bool negative = random() % 3 == 0;
  std::int32_t mantissa = static_cast<std::int32_t>(1U << 30 | (random() & 0x3FFFFFFFU));
  if (random() % 16 == 0) mantissa = kMax;
  std::int32_t exponent = static_cast<std::int32_t>(random() % 32);  // shifts right
  if (kind == 1) exponent = static_cast<std::int32_t>(random() % 62) - 30;
  if (kind == 2) exponent = 0;
  if (random() % 20 == 0) return {};  // a dead channel
  return {negative ? -mantissa : mantissa, exponent};
}

template <class Code>
void compare(std::uint32_t seed) {
  std::mt19937 random(seed);
  constexpr std::size_t kChannels[] = {1, 1, 2, 3, 7, 8, 15, 16, 17, 32, 33, 64, 100, 9000};
  const std::size_t channels = kChannels[random() % std::size(kChannels)];
  const std::size_t rows = channels == 1 ? random() % 20'000 : random() % (40'000 / channels + 1);
  std::vector<std::int32_t> wide(rows * channels + (random() % 8 == 0 ? random() % 5 : 0));
  for (auto& x : wide) {
    const std::uint32_t pick = random();
    x = static_cast<std::int32_t>(random()) >> (pick % 32);
    if (pick % 50 == 0) x = pick % 100 == 0 ? kMin : kMax;
  }
  std::vector<Multiplier> factors;
  const int kind = static_cast<int>(random() % 3);
  for (std::size_t c = 0; c < channels; ++c) factors.push_back(any_multiplier(random, kind));
  const int q_max = q_max_of_bits(static_cast<int>(random() % (8 * sizeof(Code) - 1)) + 2);
  const std::int32_t zeros[] = {0, q_max, static_cast<std::int32_t>(random()) & q_max};
  const QuantiseJob job{{1.0F, zeros[random() % 3], q_max},
                        factors,
                        random() % 2 == 0 ? Rounding::kNearest : Rounding::kStochastic,
                        {static_cast<std::uint32_t>(random()), 3, 25}};
  std::uint64_t first = std::uint64_t{random() % 1000} * (random() % 4 == 0 ? 1 : channels);
  if (random() % 4 == 0) first += (std::uint64_t{1} << 34) / channels * channels;
  std::vector<Code> expected(wide.size());
  std::vector<Code> found(wide.size());
  const std::int64_t count = quantise_wide_ref<Code>(wide, first, job, expected);
  EXPECT_EQ(quantise_wide<Code>(wide, first, job, found), count) << "seed " << seed;
  EXPECT_EQ(found, expected) << "seed " << seed << ", " << channels << " channels";
}

TEST(QuantiseWideFast, IsTheReference) {
  for (std::uint32_t seed = 1; seed <= 250 && !HasFailure(); ++seed) {
    compare<std::uint8_t>(seed);
    compare<std::uint16_t>(seed);
  }
}

// Values that a current range holds: fewer instructions, the same codes.
template <class Code>
void compare_in_range(std::uint32_t seed) {
  std::mt19937 random(seed);
  constexpr std::size_t kChannels[] = {1, 1, 5, 16, 16, 32, 48, 64, 80, 128, 1024, 1040};
  const std::size_t channels = kChannels[random() % std::size(kChannels)];
  const std::size_t rows = channels == 1 ? random() % 20'000 : random() % (40'000 / channels + 1);
  std::vector<Multiplier> factors;
  std::vector<std::int64_t> most;  // |x M| just below 2^16, or 2^14 for random bits
  const bool stochastic = random() % 2 == 0;
  const int lowest = random() % 8 == 0 ? -20 : -12;  // now and then beyond what the fast way takes
  const int highest = random() % 8 == 0 ? 20 : 15;
  for (std::size_t c = 0; c < channels; ++c) {
    const auto mantissa = static_cast<std::int32_t>(1U << 30 | (random() & 0x3FFFFFFFU));
    const int e = lowest + static_cast<int>(random() % (highest - lowest + 1));
    factors.push_back({random() % 3 == 0 ? -mantissa : mantissa, e});
    if (random() % 20 == 0) factors.back() = {};
    const int shift = 31 + e + (stochastic ? 14 : 16);
    most.push_back(std::min<std::int64_t>(
        kMax, ((std::int64_t{1} << std::clamp(shift, 0, 61)) - 1) / mantissa));
  }
  std::vector<std::int32_t> wide(rows * channels);
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const std::int64_t top = most[i % channels];
    const std::uint32_t pick = random() % 8;
    const auto x = pick == 0   ? top
                   : pick == 1 ? top / 2
                   : pick == 2 ? static_cast<std::int64_t>(random() % 3)
                               : static_cast<std::int64_t>(random()) % (top + 1);
    wide[i] = static_cast<std::int32_t>(random() % 2 == 0 ? x : -x);
  }
  const int q_max = q_max_of_bits(static_cast<int>(random() % (8 * sizeof(Code) - 1)) + 2);
  const std::int32_t zeros[] = {0, q_max, static_cast<std::int32_t>(random()) & q_max};
  const QuantiseJob job{{1.0F, zeros[random() % 3], q_max},
                        factors,
                        stochastic ? Rounding::kStochastic : Rounding::kNearest,
                        {seed, 3, 25}};
  std::vector<Code> expected(wide.size()), found(wide.size());
  static_cast<void>(quantise_wide_ref<Code>(wide, 0, job, expected));
  const WideQuantiser codes(job, true);
  const std::size_t cut = rows == 0 ? 0 : random() % rows * channels;
  static_cast<void>(
      codes.run<Code>(std::span(wide).first(cut), 0, std::span<Code>(found).first(cut)));
  static_cast<void>(
      codes.run<Code>(std::span(wide).subspan(cut), cut, std::span<Code>(found).subspan(cut)));
  ASSERT_EQ(found, expected) << "seed " << seed << ", " << channels << " channels";
}

TEST(QuantiseWideFast, InRangeIsTheReference) {
  for (std::uint32_t seed = 1; seed <= 300 && !HasFailure(); ++seed) {
    compare_in_range<std::uint8_t>(seed);
    compare_in_range<std::uint16_t>(seed);
  }
}

// 8-bit codes with random bits: every exponent, where a clamp of x or a shift could go wrong.
TEST(QuantiseWideFast, StochasticExponents) {
  std::mt19937 random(11);
  for (int e = -30; e <= 31; ++e)
    for (const std::int32_t m : {kMax, -kMax, 1 << 30, -(1 << 30), (1 << 30) + 1, 0}) {
      const std::int32_t bound = stochastic_bound({m, e});
      std::vector<std::int32_t> wide;
      for (int i = 0; i < 40; ++i) {
        for (const std::int32_t x : {kMin, kMin + 1, -2, -1, 0, 1, 2, kMax - 1, kMax})
          wide.push_back(x);
        for (const std::int64_t x :
             {std::int64_t{bound} - 1, std::int64_t{bound}, std::int64_t{bound} + 1}) {
          wide.push_back(static_cast<std::int32_t>(std::min<std::int64_t>(x, kMax)));
          wide.push_back(-static_cast<std::int32_t>(std::min<std::int64_t>(x, kMax)));
        }
        wide.push_back(static_cast<std::int32_t>(random()) >> (random() % 32));
      }
      for (const std::int32_t zero : {0, 100, 255}) {
        const std::vector<Multiplier> factors = {{m, e}};
        const QuantiseJob job{{1.0F, zero, 255}, factors, Rounding::kStochastic, {1, 2, 3}};
        std::vector<std::uint8_t> expected(wide.size()), found(wide.size());
        ASSERT_EQ(quantise_wide_ref<std::uint8_t>(wide, 0, job, expected),
                  quantise_wide<std::uint8_t>(wide, 0, job, found));
        ASSERT_EQ(found, expected) << m << " " << e << " " << zero;
      }
    }
}

// Every exponent with the extremes of x and m, where a narrower sum would overflow.
TEST(QuantiseWideFast, Extremes) {
  std::vector<std::int32_t> wide;
  for (int i = 0; i < 67; ++i)
    for (const std::int32_t x : {kMin, kMin + 1, -1, 0, 1, kMax - 1, kMax}) wide.push_back(x);
  for (int e = -30; e <= 31; ++e)
    for (const std::int32_t m : {kMax, -kMax, 1 << 30, -(1 << 30), (1 << 30) + 1})
      for (const std::int32_t zero : {0, 65535, 40000})
        for (const Rounding rounding : {Rounding::kNearest, Rounding::kStochastic}) {
          const std::vector<Multiplier> factors = {{m, e}};
          const QuantiseJob job{{1.0F, zero, 65535}, factors, rounding, {1, 2, 3}};
          std::vector<std::uint16_t> expected(wide.size());
          std::vector<std::uint16_t> found(wide.size());
          ASSERT_EQ(quantise_wide_ref<std::uint16_t>(wide, 0, job, expected),
                    quantise_wide<std::uint16_t>(wide, 0, job, found));
          ASSERT_EQ(found, expected) << m << " " << e << " " << zero;
        }
}

TEST(QuantiseFloatsFast, IsTheReference) {
  std::mt19937 random(8);
  std::vector<float> values(4003);
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = std::ldexp(static_cast<float>(static_cast<std::int32_t>(random())),
                           static_cast<int>(random() % 40) - 60);
  for (int i = 0; i < 200; ++i) values[random() % values.size()] = static_cast<float>(i) - 100.5F;
  values[0] = 3e38F;
  values[1] = -3e38F;
  for (const int bits : {2, 4, 8})
    for (const Range& range : {Range{-1, 1}, Range{0, 200}, Range{-127.5F, 127.5F}, Range{-3, 0},
                               Range{-1e-30F, 1e-30F}, Range{0, 0}}) {
      const QuantParams params = choose_quant_params(range, bits);
      for (const std::size_t first : {0UL, 1UL, 3UL}) {
        const std::span<const float> part = std::span(values).subspan(first);
        std::vector<std::uint8_t> found(part.size());
        quantise_floats(part, params, found);
        for (std::size_t k = 0; k < part.size(); ++k)
          ASSERT_EQ(found[k], quantise_value(part[k], params)) << part[k] << " " << params.scale;
      }
    }
}

// Values on either side of each border between two codes, some ulps and some 2^-13 codes off, at
// scales up to the ends of f32.
TEST(QuantiseFloatsFast, IsTheReferenceAtTheBorders) {
  std::mt19937 random(11);
  for (const float scale :
       {0.0017F, 0.3F, 0x1p-126F, 0x1.8p-126F, 3e-37F, 1e36F, 0x1.fp120F, 0x1.3p122F, 0x1.7p126F})
    for (const int zero_point : {0, 1, 117, 255}) {
      const QuantParams params{scale, zero_point, 255};
      std::vector<float> values;
      for (int code = -2; code <= 256; ++code) {
        const double border = (code + 0.5 - zero_point) * static_cast<double>(scale);
        if (std::abs(border) > 3e38) continue;
        float value = static_cast<float>(border);
        for (int ulp = 0; ulp < 3; ++ulp) value = std::nextafter(value, -1e38F);
        for (int ulp = -3; ulp <= 3; ++ulp, value = std::nextafter(value, 1e38F))
          values.push_back(value);
        for (const double off : {-0x1p-13, 0x1p-13, -0x1.1p-13, 0x1.1p-13, -0x1.8p-14, 0x1.8p-14})
          values.push_back(static_cast<float>(border + off * static_cast<double>(scale)));
      }
      std::shuffle(values.begin(), values.end(), random);
      std::vector<std::uint8_t> found(values.size());
      quantise_floats(values, params, found);
      for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_EQ(found[i], quantise_value(values[i], params)) << values[i] << " " << scale;
    }
}

TEST(ExtremesFast, IsTheReference) {
  std::mt19937 random(9);
  for (std::size_t count = 1; count < 300; ++count) {
    std::vector<std::int32_t> x(count);
    for (auto& value : x) value = static_cast<std::int32_t>(random());
    if (count % 3 == 0) x[random() % count] = kMin;
    if (count % 5 == 0) x[random() % count] = kMax;
    const Extremes expected = extremes_of(x);
    std::int32_t low = 0;
    std::int32_t high = 0;
    kernels().extremes(x.data(), count, &low, &high);
    ASSERT_EQ(low, expected.low) << count;
    ASSERT_EQ(high, expected.high) << count;
    const std::size_t channels = random() % 40 + 1;
    const std::size_t rows = count / channels;
    if (rows == 0) continue;
    std::vector<std::int32_t> lows(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(channels));
    std::vector<std::int32_t> highs = lows;
    kernels().channel_extremes(x.data(), rows, channels, lows.data(), highs.data());
    for (std::size_t c = 0; c < channels; ++c) {
      std::vector<std::int32_t> column;
      for (std::size_t r = 0; r < rows; ++r) column.push_back(x[r * channels + c]);
      ASSERT_EQ(lows[c], extremes_of(column).low) << c << " of " << channels;
      ASSERT_EQ(highs[c], extremes_of(column).high) << c << " of " << channels;
    }
  }
}

}  // namespace
}  // namespace octet::model
