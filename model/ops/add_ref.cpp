#include <algorithm>
#include <cstdlib>

#include "model/ops/add.hpp"

namespace octet::model {
namespace {

// The result keeps 24 bits of the largest possible sum.
float scale_of_largest(float largest) {
  const float scale = largest * 0x1p-24F;
  return scale > 0.0F ? scale : 1.0F;
}

}  // namespace

AddScales add_scales(std::int32_t largest_a, float scale_a, std::int32_t largest_b, float scale_b) {
  const float largest =
      static_cast<float>(largest_a) * scale_a + static_cast<float>(largest_b) * scale_b;
  const float scale = scale_of_largest(largest);
  return {scale, quantise_multiplier(scale_a / scale), quantise_multiplier(scale_b / scale)};
}

void add_codes_ref(std::span<const std::uint8_t> a, std::int32_t zero_a,
                   std::span<const std::uint8_t> b, std::int32_t zero_b, const AddScales& scales,
                   std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < a.size(); ++i)
    out[i] =
        requantise_nearest(a[i] - zero_a, scales.a) + requantise_nearest(b[i] - zero_b, scales.b);
}

void add_wide_ref(std::span<const std::int32_t> a, std::span<const std::int32_t> b,
                  const AddScales& scales, std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < a.size(); ++i)
    out[i] = requantise_nearest(a[i], scales.a) + requantise_nearest(b[i], scales.b);
}

UnifyScales unify_scales(std::span<const std::int32_t> largest, std::span<const float> scales) {
  float top = 0.0F;
  for (std::size_t c = 0; c < scales.size(); ++c) {
    const float magnitude = scales[c] < 0.0F ? -scales[c] : scales[c];
    top = std::max(top, static_cast<float>(largest[c]) * magnitude);
  }
  UnifyScales result{scale_of_largest(top), {}};
  for (const float scale : scales)
    result.factors.push_back(quantise_multiplier(scale / result.scale));
  return result;
}

void unify_wide_ref(std::span<const std::int32_t> x, const UnifyScales& scales,
                    std::span<std::int32_t> out) {
  for (std::size_t i = 0; i < x.size(); ++i)
    out[i] = requantise_nearest(x[i], scales.factors[i % scales.factors.size()]);
}

std::int32_t largest_magnitude(std::span<const std::int32_t> x) {
  std::int32_t largest = 0;
  for (const std::int32_t value : x) largest = std::max(largest, std::abs(value));
  return largest;
}

std::int32_t largest_magnitude(std::span<const std::uint8_t> q, std::int32_t zero) {
  std::int32_t largest = 0;
  for (const std::int32_t code : q) largest = std::max(largest, std::abs(code - zero));
  return largest;
}

}  // namespace octet::model
