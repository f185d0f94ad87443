#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

#include "model/quant/quantise.hpp"

namespace octet::model {
namespace {

constexpr std::uint32_t kSeed = 4242;

struct KnownParams {
  float low, high;
  int zero;
  float scale;
};
// gemmlowp's ChooseQuantizationParams on floats; (-1, 1) gives 127 because the scale is an f32.
constexpr KnownParams kKnown[] = {
    {-1.0F, 1.0F, 127, .00784313772F},  {0.0F, 6.0F, 0, .0235294122F},
    {-3.0F, 5.0F, 96, .0313725509F},    {2.0F, 4.0F, 0, .0156862754F},
    {-0.5F, 0.25F, 170, .00294117653F}, {-4.0F, -1.0F, 255, .0156862754F},
    {-2.5F, 5.0F, 85, .0294117648F}};

TEST(QuantParams, VectorsOfGemmlowp) {
  for (const KnownParams& known : kKnown) {
    const QuantParams found = choose_quant_params({known.low, known.high}, 8);
    EXPECT_EQ(found.zero_point, known.zero) << known.low << " " << known.high;
    EXPECT_EQ(found.scale, known.scale) << known.low << " " << known.high;
    EXPECT_EQ(found.q_max, 255);
  }
}

TEST(QuantParams, EveryWidth) {
  for (int bits = 2; bits <= 16; ++bits) {
    const QuantParams found = choose_quant_params({-1.0F, 3.0F}, bits);
    EXPECT_EQ(found.q_max, (1 << bits) - 1);
    EXPECT_EQ(found.scale, 4.0F / static_cast<float>(found.q_max));
    EXPECT_NEAR(found.zero_point, found.q_max / 4.0, 0.5001);
  }
}

TEST(QuantParams, RangesThatHoldOneValue) {
  const QuantParams zero{1.0F, 0, 255};
  EXPECT_EQ(choose_quant_params({0.0F, 0.0F}, 8), zero);
  EXPECT_EQ(choose_quant_params({-0.0F, -0.0F}, 8), zero);
  EXPECT_EQ(choose_quant_params({2.0F, 2.0F}, 8), (QuantParams{2.0F / 255.0F, 0, 255}));
  EXPECT_EQ(choose_quant_params({-2.0F, -2.0F}, 8), (QuantParams{2.0F / 255.0F, 255, 255}));
}

TEST(QuantParams, TooSmallForANormalScaleIsZero) {
  const QuantParams zero{1.0F, 0, 255};
  const float tiny = std::numeric_limits<float>::min();
  EXPECT_EQ(choose_quant_params({0.0F, tiny}, 8), zero);
  EXPECT_EQ(choose_quant_params({-tiny, 0.0F}, 8), zero);
  EXPECT_EQ(choose_quant_params({0.0F, 254.0F * tiny}, 8), zero);
  EXPECT_EQ(choose_quant_params({0.0F, 255.0F * tiny}, 8), (QuantParams{tiny, 0, 255}));
  EXPECT_EQ(choose_quant_params({0.0F, 0x1p-149F}, 16), (QuantParams{1.0F, 0, 65535}));
}

struct KnownMultiplier {
  float factor;
  Multiplier result;
};
// gemmlowp's QuantizeMultiplier.
constexpr KnownMultiplier kMultipliers[] = {{0.5F, {1073741824, 0}},
                                            {0.25F, {1073741824, 1}},
                                            {0.75F, {1610612736, 0}},
                                            {1.0F / 3, {1431655808, 1}},
                                            {0.001F, {1099511680, 9}},
                                            {0.999999F, {2147481472, 0}},
                                            {1.0F, {1073741824, -1}},
                                            {-0.75F, {-1610612736, 0}},
                                            {0.0F, {0, 0}},
                                            {-0.0F, {0, 0}},
                                            {0x1p-32F, {1073741824, 31}},
                                            {0x1p-33F, {0, 0}},
                                            {0x1.fffffep-33F, {0, 0}},
                                            {0x1p29F, {1073741824, -30}},
                                            {0x1p30F, {2147483647, -30}},
                                            {-0x1p30F, {-2147483647, -30}},
                                            {3e38F, {2147483647, -30}},
                                            {0x1p-149F, {0, 0}}};

TEST(QuantParams, MultiplierVectors) {
  for (const KnownMultiplier& known : kMultipliers)
    EXPECT_EQ(quantise_multiplier(known.factor), known.result) << known.factor;
}

TEST(QuantParams, MultiplierIsExact) {
  std::mt19937 random(kSeed);
  for (int exponent = -32; exponent <= 29; ++exponent)
    for (int i = 0; i < 2000; ++i) {
      const float magnitude =
          std::ldexp(1.0F + static_cast<float>(random() >> 9) * 0x1p-23F, exponent);
      const float factor = random() % 2 == 0 ? magnitude : -magnitude;
      const Multiplier found = quantise_multiplier(factor);
      ASSERT_EQ(std::ldexp(static_cast<double>(found.mantissa), -31 - found.exponent),
                static_cast<double>(factor))
          << factor << " seed " << kSeed;
      ASSERT_GE(std::abs(static_cast<double>(found.mantissa)), 0x1p30) << factor;
      ASSERT_TRUE(found.exponent >= -30 && found.exponent <= 31) << factor;
    }
}

TEST(QuantParams, RequantiseMultiplierIsTheQuotient) {
  EXPECT_EQ(requantise_multiplier(0.75F, {0.25F, 3, 255}), quantise_multiplier(3.0F));
  EXPECT_EQ(requantise_multiplier(-1.0F, {3.0F, 3, 255}), quantise_multiplier(-1.0F / 3.0F));
}

TEST(QuantParams, RoundHalfAway) {
  EXPECT_EQ(round_half_away(0.0), 0);
  EXPECT_EQ(round_half_away(0.5), 1);
  EXPECT_EQ(round_half_away(-0.5), -1);
  EXPECT_EQ(round_half_away(1.5), 2);
  EXPECT_EQ(round_half_away(2.5), 3);
  EXPECT_EQ(round_half_away(-2.5), -3);
  EXPECT_EQ(round_half_away(0.49999999999999994), 0);  // adding a half would give 1
  EXPECT_EQ(round_half_away(-0.49999999999999994), 0);
  EXPECT_EQ(round_half_away(4503599627370495.5), 4503599627370496);
  EXPECT_EQ(round_half_away(4503599627370497.0), 4503599627370497);  // adding a half: 4...498
  EXPECT_EQ(round_half_away(-9007199254740993.0), -9007199254740992);
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 200'000; ++i) {
    const double x = std::ldexp(static_cast<double>(static_cast<std::int64_t>(random())),
                                -static_cast<int>(random() % 64) - 3);
    ASSERT_EQ(round_half_away(x), std::llround(x)) << x << " seed " << kSeed;
  }
}

TEST(QuantParams, MeansOfTheImagesExtremes) {
  const std::vector<Extremes> images = {{-7, 5}, {-3, 9}, {1, 2}};
  EXPECT_EQ(mean_range(images, 0.5F), (Range{-4.5F / 3.0F, 8.0F / 3.0F}));
  // The sum is exact beyond 32 bits: in f32 the 1 of each image would be lost one by one.
  const std::vector<Extremes> many(1 << 10, {-2147483647 - 1, (1 << 24) + 1});
  EXPECT_EQ(mean_range(many, 1.0F), (Range{-2147483648.0F, 16777216.0F}));
  const std::vector<Extremes> odd = {{0, 1 << 24}, {0, 1}, {0, 1}, {0, 2}};
  EXPECT_EQ(mean_range(odd, 1.0F).high, 16777220.0F / 4.0F);
}

TEST(QuantParams, RangesOfWideTensors) {
  const std::int32_t values[] = {3, -7, 0, 5};
  const Extremes found = extremes_of(values);
  EXPECT_EQ(found.low, -7);
  EXPECT_EQ(found.high, 5);
  EXPECT_EQ(real_range(found, 0.5F), (Range{-3.5F, 2.5F}));
  EXPECT_EQ(real_range(found, -0.5F), (Range{-2.5F, 3.5F}));  // a negative gamma turns it round
  const float reals[] = {0.5F, -0.25F, 7.0F};
  EXPECT_EQ(range_of(reals), (Range{-0.25F, 7.0F}));
}

}  // namespace
}  // namespace octet::model
