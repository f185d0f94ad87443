#include "model/quant/affine_codes.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

// Codes of 256 g - offset straight from g against their definition, each code g.
namespace octet::model {
namespace {

// A factor that was an f32, from 2^-`small` to 2^-`large`.
Multiplier any_factor(std::mt19937& random, int small, int large) {
  if (random() % 20 == 0) return {};
  const int exponent = large + static_cast<int>(random() % static_cast<unsigned>(small - large));
  float mantissa = 1.0F + static_cast<float>(random() % (1U << 23)) * 0x1p-23F;
  if (random() % 8 == 0) mantissa = random() % 2 == 0 ? 1.0F : 2.0F - 0x1p-23F;
  return quantise_multiplier(std::ldexp(random() % 3 == 0 ? -mantissa : mantissa, -exponent));
}

struct Case {
  std::int32_t offset, zero_point, q_max;
  Multiplier factor;
};

Case any_case(std::mt19937& random, int bits, int small, int large) {
  Case c{};
  c.q_max = q_max_of_bits(bits);
  const auto top = static_cast<std::uint32_t>(c.q_max) + 1;
  c.zero_point = static_cast<std::int32_t>(random() % 4 == 0 ? 0 : random() % top);
  c.offset = static_cast<std::int32_t>(random() % (1U << 18)) - (1 << 17);
  if (random() % 4 == 0) c.offset &= ~0xFF;  // x = 0 for some g
  c.factor = any_factor(random, small, large);
  return c;
}

TEST(AffineCodes, NearestIsTheDefinition) {
  std::mt19937 random(1);
  int done = 0, negative = 0, stepped = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Case c = any_case(random, i % 2 == 0 ? 16 : 8, 16, -10);
    const auto affine = affine_nearest(c.offset, c.factor, c.zero_point);
    if (!affine) continue;
    AffineFactors factors;
    factors.push_back(*affine);
    std::vector<std::uint8_t> g(256);
    for (int code = 0; code < 256; ++code)
      g[static_cast<std::size_t>(code)] = static_cast<std::uint8_t>(code);
    std::vector<std::uint16_t> found(256), expected(256);
    factors.run(g.data(), g.size(), c.q_max, found.data());
    for (int code = 0; code < 256; ++code)
      expected[static_cast<std::size_t>(code)] = static_cast<std::uint16_t>(
          quantise_wide_nearest(256 * code - c.offset, c.factor, c.zero_point, c.q_max));
    ASSERT_EQ(found, expected) << "case " << i << ": offset " << c.offset << ", mantissa "
                               << c.factor.mantissa << ", exponent " << c.factor.exponent;
    ++done;
    negative += c.factor.mantissa < 0;
    stepped += affine->step != 0;
  }
  EXPECT_GT(done, 15'000);
  EXPECT_GT(negative, 3'000);
  EXPECT_GT(stepped, 5'000);
}

TEST(AffineCodes, StochasticIsTheDefinition) {
  std::mt19937 random(2);
  int done = 0;
  for (int i = 0; i < 20'000; ++i) {
    const Case c = any_case(random, 8, 24, -1);
    const auto affine = affine_stochastic(c.offset, c.factor, c.zero_point);
    if (!affine) continue;
    AffineFactors factors;
    factors.push_back(*affine);
    std::vector<std::uint8_t> g(256), found(256), expected(256);
    std::vector<std::uint16_t> bits(256);
    for (std::size_t code = 0; code < 256; ++code) {
      g[code] = static_cast<std::uint8_t>(code);
      bits[code] = static_cast<std::uint16_t>(random() % 8 == 0 ? 65535 : random());
      expected[code] = static_cast<std::uint8_t>(
          quantise_wide_stochastic(256 * static_cast<std::int32_t>(code) - c.offset, c.factor,
                                   c.zero_point, c.q_max, bits[code]));
    }
    factors.run(g.data(), g.size(), c.q_max, bits.data(), found.data());
    ASSERT_EQ(found, expected) << "case " << i << ": offset " << c.offset << ", mantissa "
                               << c.factor.mantissa << ", exponent " << c.factor.exponent;
    ++done;
  }
  EXPECT_GT(done, 15'000);
}

// What 32 bits do not hold is refused: a mantissa of more than 24 bits, exponents out of range.
TEST(AffineCodes, RefusesWhatDoesNotFit) {
  EXPECT_TRUE(affine_nearest(1000, {1 << 30, 0}, 3));
  EXPECT_FALSE(affine_nearest(1000, {(1 << 30) + 64, 0}, 3));
  EXPECT_FALSE(affine_nearest(1000, {1 << 30, 16}, 3));
  EXPECT_FALSE(affine_nearest(1000, {1 << 30, -13}, 3));
  EXPECT_FALSE(affine_nearest(0, {INT32_MAX - 127, 14}, 3));  // 255 m and a constant pass 2^32
  EXPECT_TRUE(affine_stochastic(1000, {1 << 30, 8}, 3));
  EXPECT_FALSE(affine_stochastic(1000, {(1 << 30) + 64, 8}, 3));
  EXPECT_FALSE(affine_stochastic(1000, {1 << 30, -1}, 3));
  EXPECT_FALSE(affine_stochastic(1000, {1 << 30, 25}, 3));
  EXPECT_FALSE(affine_stochastic(1 << 17, {1 << 30, 0}, 3));  // 2^16 codes
}

// Many channels, whole vectors and not.
TEST(AffineCodes, ChannelsGoSideBySide) {
  std::mt19937 random(3);
  for (const std::size_t channels : {1U, 3U, 16U, 17U, 32U, 48U, 64U, 1040U}) {
    for (const bool flips : {false, true}) {
      std::vector<Case> cases;
      AffineFactors coarse, fine;
      while (cases.size() < channels) {
        Case c = any_case(random, 8, 9, 5);
        if (!flips && c.factor.mantissa < 0) c.factor.mantissa = -c.factor.mantissa;
        const auto a = affine_stochastic(c.offset, c.factor, c.zero_point);
        const auto b = affine_nearest(c.offset, c.factor, c.zero_point);
        if (!a || !b) continue;
        coarse.push_back(*a);
        fine.push_back(*b);
        cases.push_back(c);
      }
      const std::size_t rows = random() % 9 + 1;
      std::vector<std::uint8_t> g(rows * channels), found(g.size()), expected(g.size());
      std::vector<std::uint16_t> bits(g.size()), found_fine(g.size()), expected_fine(g.size());
      for (std::size_t i = 0; i < g.size(); ++i) {
        const Case& c = cases[i % channels];
        g[i] = static_cast<std::uint8_t>(random());
        bits[i] = static_cast<std::uint16_t>(random());
        const std::int32_t x = 256 * g[i] - c.offset;
        expected[i] = static_cast<std::uint8_t>(
            quantise_wide_stochastic(x, c.factor, c.zero_point, 255, bits[i]));
        expected_fine[i] =
            static_cast<std::uint16_t>(quantise_wide_nearest(x, c.factor, c.zero_point, 65535));
      }
      coarse.run(g.data(), rows, 255, bits.data(), found.data());
      fine.run(g.data(), rows, 65535, found_fine.data());
      ASSERT_EQ(found, expected) << channels << " channels";
      ASSERT_EQ(found_fine, expected_fine) << channels << " channels";
    }
  }
}

}  // namespace
}  // namespace octet::model
