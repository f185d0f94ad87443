#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "model/quant/quantise.hpp"

namespace octet::model {
namespace {

constexpr std::uint32_t kSeed = 99;

float real(std::int32_t q, const QuantParams& params) {
  return params.scale * static_cast<float>(q - params.zero_point);
}

std::vector<Range> ranges() {
  std::vector<Range> result = {{-1, 1},           {0, 6},          {-4, 0}, {-0.001F, 1000},
                               {-1e-30F, 1e-31F}, {-1e30F, 3e30F}, {2, 4},  {-4, -2}};
  std::mt19937 random(kSeed);
  for (int i = 0; i < 40; ++i)
    result.push_back({-std::ldexp(static_cast<float>(random() % 1000), static_cast<int>(i) - 20),
                      std::ldexp(static_cast<float>(random() % 1000 + 1), i - 20)});
  return result;
}

TEST(QuantiseValue, ZeroIsExact) {
  for (const Range& range : ranges())
    for (int bits = 2; bits <= 16; ++bits) {
      const QuantParams params = choose_quant_params(range, bits);
      ASSERT_EQ(quantise_value(0.0F, params), params.zero_point);
      ASSERT_EQ(quantise_value(-0.0F, params), params.zero_point);
      ASSERT_EQ(real(params.zero_point, params), 0.0F);
    }
}

TEST(QuantiseValue, CodesComeBack) {
  for (const Range& range : ranges())
    for (const int bits : {2, 5, 8, 16}) {
      const QuantParams params = choose_quant_params(range, bits);
      for (std::int32_t q = 0; q <= params.q_max; ++q)
        ASSERT_EQ(quantise_value(real(q, params), params), q) << params.scale << " " << bits;
    }
}

TEST(QuantiseValue, ErrorIsAtMostHalfAStepAndOrderIsKept) {
  for (const Range& range : ranges()) {
    const QuantParams params = choose_quant_params(range, 8);
    const double low = static_cast<double>(params.scale) * (0 - params.zero_point);
    const double high = static_cast<double>(params.scale) * (255 - params.zero_point);
    std::int32_t last = 0;
    for (int i = 0; i <= 20'000; ++i) {
      const auto value = static_cast<float>(low + (high - low) * i / 20'000.0);
      const std::int32_t code = quantise_value(value, params);
      const double error = static_cast<double>(params.scale) * (code - params.zero_point) -
                           static_cast<double>(value);
      ASSERT_LE(std::abs(error), params.scale * 0.500001) << value;
      ASSERT_GE(code, last) << value;
      last = code;
    }
    // The zero point moves the grid by at most half a step, so the ends lose at most one.
    for (const float end : {range.low, range.high}) {
      const std::int32_t code = quantise_value(end, params);
      ASSERT_LE(std::abs(static_cast<double>(real(code, params)) - end), params.scale * 1.00001);
    }
  }
}

TEST(QuantiseValue, TiesGoAwayFromZeroAndOutsideSaturates) {
  const QuantParams params{1.0F, 10, 255};
  EXPECT_EQ(quantise_value(0.5F, params), 11);
  EXPECT_EQ(quantise_value(-0.5F, params), 10);  // the position 9.5, away from zero
  EXPECT_EQ(quantise_value(-10.0F, params), 0);
  EXPECT_EQ(quantise_value(-11.0F, params), 0);
  EXPECT_EQ(quantise_value(245.0F, params), 255);
  EXPECT_EQ(quantise_value(1e38F, params), 255);
  EXPECT_EQ(quantise_value(-1e38F, params), 0);
}

TEST(QuantiseWide, ByHand) {
  const Multiplier half{1 << 30, 0};
  EXPECT_EQ(quantise_wide_nearest(5, half, 100, 255), 103);  // 2.5: toward +infinity
  EXPECT_EQ(quantise_wide_nearest(-5, half, 100, 255), 98);  // -2.5: toward +infinity
  EXPECT_EQ(quantise_wide_nearest(1000, half, 100, 255), 255);
  EXPECT_EQ(quantise_wide_nearest(-1000, half, 100, 255), 0);
  EXPECT_EQ(quantise_wide_stochastic(5, half, 100, 255, 0x7FFF), 102);
  EXPECT_EQ(quantise_wide_stochastic(5, half, 100, 255, 0x8000), 103);
}

TEST(QuantiseWide, CountsWhatSaturates) {
  const std::vector<std::int32_t> wide = {-11, -10, 0, 245, 246, 1000};
  const std::vector<Multiplier> factors = {quantise_multiplier(1.0F)};
  std::vector<std::uint8_t> out(wide.size());
  const QuantiseJob job{{1.0F, 10, 255}, factors, Rounding::kNearest, {}};
  EXPECT_EQ(quantise_wide_ref<std::uint8_t>(wide, 0, job, out), 3);
  EXPECT_EQ(out, (std::vector<std::uint8_t>{0, 0, 10, 255, 255, 255}));
}

TEST(QuantiseWide, ChannelsFollowTheElementIndex) {
  const std::vector<std::int32_t> wide = {100, 100, 100, 100};
  const std::vector<Multiplier> factors = {quantise_multiplier(1.0F), quantise_multiplier(0.5F),
                                           quantise_multiplier(-0.25F)};
  std::vector<std::uint16_t> out(wide.size());
  const QuantiseJob job{{1.0F, 1000, 65535}, factors, Rounding::kNearest, {}};
  EXPECT_EQ(quantise_wide_ref<std::uint16_t>(wide, 4, job, out), 0);
  EXPECT_EQ(out, (std::vector<std::uint16_t>{1050, 975, 1100, 1050}));
}

// A range that the tensor itself set: no code saturates, and the error is at most half a step.
TEST(QuantiseWide, OwnRangeKeepsEveryValue) {
  std::mt19937 random(kSeed);
  for (int i = 0; i < 50; ++i) {
    std::vector<std::int32_t> wide(500);
    for (auto& x : wide) x = static_cast<std::int32_t>(random()) >> (i % 20);
    const float scale = 0.00123F;
    const Extremes extremes = extremes_of(wide);
    for (const int bits : {8, 16}) {
      const QuantParams params = choose_quant_params(real_range(extremes, scale), bits);
      const std::vector<Multiplier> factors = {requantise_multiplier(scale, params)};
      std::vector<std::uint16_t> out(wide.size());
      static_cast<void>(quantise_wide_ref<std::uint16_t>(wide, 0, {params, factors, {}, {}}, out));
      for (std::size_t k = 0; k < wide.size(); ++k) {
        const double exact = static_cast<double>(wide[k]) * static_cast<double>(scale);
        ASSERT_LE(
            std::abs((out[k] - params.zero_point) * static_cast<double>(params.scale) - exact),
            params.scale * (wide[k] == extremes.low || wide[k] == extremes.high ? 1.01 : 1.0))
            << wide[k] << " seed " << kSeed;
      }
    }
  }
}

}  // namespace
}  // namespace octet::model
