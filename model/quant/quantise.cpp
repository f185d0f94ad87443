#include "model/quant/quantise.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "model/kernels/kernels.hpp"

namespace octet::model {

std::int64_t round_half_away(double x) {
  // Truncation and the difference are exact below 2^52; larger values are integers already.
  const auto whole = static_cast<std::int64_t>(x);
  const double rest = x - static_cast<double>(whole);
  if (rest >= 0.5) return whole + 1;
  if (rest <= -0.5) return whole - 1;
  return whole;
}

QuantParams choose_quant_params(Range range, int bits) {
  const float low = std::min(range.low, 0.0F);
  const float high = std::max(range.high, 0.0F);
  QuantParams params{1.0F, 0, q_max_of_bits(bits)};
  const float scale = (high - low) / static_cast<float>(params.q_max);
  if (!(scale >= std::numeric_limits<float>::min())) return params;
  params.scale = scale;
  const double zero = -static_cast<double>(low) / static_cast<double>(scale);
  params.zero_point = static_cast<std::int32_t>(
      round_half_away(saturate(zero, 0.0, static_cast<double>(params.q_max))));
  return params;
}

Multiplier quantise_multiplier(float factor) {
  const auto bits = std::bit_cast<std::uint32_t>(factor);
  const bool negative = (bits >> 31) != 0;
  int exponent_field = static_cast<int>((bits >> 23) & 0xFF);
  if (exponent_field == 0) return {};  // zero, or too small for any 32-bit value to survive
  const std::uint32_t fraction = (bits & 0x7FFFFF) | 0x800000;  // 24 bits: 0.5 <= f < 1
  const int exponent = 126 - exponent_field;
  if (exponent > 31) return {};
  std::int32_t mantissa = static_cast<std::int32_t>(fraction << 7);
  if (exponent < -30) {
    mantissa = std::numeric_limits<std::int32_t>::max();
    return {negative ? -mantissa : mantissa, -30};
  }
  return {negative ? -mantissa : mantissa, exponent};
}

Multiplier requantise_multiplier(float wide_scale, const QuantParams& params) {
  return quantise_multiplier(wide_scale / params.scale);
}

std::int32_t quantise_value(float value, const QuantParams& params) {
  const double position =
      params.zero_point + static_cast<double>(value) / static_cast<double>(params.scale);
  return static_cast<std::int32_t>(
      round_half_away(saturate(position, 0.0, static_cast<double>(params.q_max))));
}

void quantise_floats(std::span<const float> values, const QuantParams& params,
                     std::span<std::uint8_t> out) {
  kernels().quantise_floats(values.data(), values.size(), params.scale, params.zero_point,
                            params.q_max, out.data());
}

Range range_of(std::span<const float> values) {
  Range range;
  kernels().float_extremes(values.data(), values.size(), &range.low, &range.high);
  return range;
}

Extremes extremes_of(std::span<const std::int32_t> values) {
  Extremes result{values.front(), values.front()};
  for (const std::int32_t value : values) {
    result.low = std::min(result.low, value);
    result.high = std::max(result.high, value);
  }
  return result;
}

Range real_range(Extremes extremes, float scale) {
  const float a = static_cast<float>(extremes.low) * scale;
  const float b = static_cast<float>(extremes.high) * scale;
  return {std::min(a, b), std::max(a, b)};
}

Range mean_range(std::span<const Extremes> images, float scale) {
  std::int64_t low = 0, high = 0;  // 2^24 images and more fit
  for (const Extremes& image : images) {
    low += image.low;
    high += image.high;
  }
  const auto count = static_cast<float>(images.size());
  return {(static_cast<float>(low) * scale) / count, (static_cast<float>(high) * scale) / count};
}

template <class Code>
std::int64_t quantise_wide_ref(std::span<const std::int32_t> wide, std::uint64_t first_element,
                               const QuantiseJob& job, std::span<Code> out) {
  std::int64_t saturated = 0;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    const std::uint64_t element = first_element + i;
    const Multiplier factor = job.factors[element % job.factors.size()];
    const std::int64_t scaled =
        job.rounding == Rounding::kNearest
            ? requantise_nearest(wide[i], factor)
            : requantise_stochastic(wide[i], factor, random_bits(job.random, element));
    const std::int64_t code = scaled + job.params.zero_point;
    saturated += (code < 0 && job.params.zero_point > 0) || code > job.params.q_max;
    out[i] = static_cast<Code>(saturate<std::int64_t>(code, 0, job.params.q_max));
  }
  return saturated;
}

template std::int64_t quantise_wide_ref<std::uint8_t>(std::span<const std::int32_t>, std::uint64_t,
                                                      const QuantiseJob&, std::span<std::uint8_t>);
template std::int64_t quantise_wide_ref<std::uint16_t>(std::span<const std::int32_t>, std::uint64_t,
                                                       const QuantiseJob&,
                                                       std::span<std::uint16_t>);

}  // namespace octet::model
