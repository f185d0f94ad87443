#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/quant/quantise.hpp"

namespace octet::model {

// Addition of two tensors with different scales: docs/numerics.md section 7.
// `largest` is the largest magnitude of the integers (code minus zero point, or wide).
struct AddScales {
  float scale = 1.0F;  // of the wide result
  Multiplier a, b;
};
[[nodiscard]] AddScales add_scales(std::int32_t largest_a, float scale_a, std::int32_t largest_b,
                                   float scale_b);
void add_codes_ref(std::span<const std::uint8_t> a, std::int32_t zero_a,
                   std::span<const std::uint8_t> b, std::int32_t zero_b, const AddScales& scales,
                   std::span<std::int32_t> out);
void add_wide_ref(std::span<const std::int32_t> a, std::span<const std::int32_t> b,
                  const AddScales& scales, std::span<std::int32_t> out);
// A per-channel wide tensor brought to one scale: out = RQ(x, factor of its channel).
struct UnifyScales {
  float scale = 1.0F;
  std::vector<Multiplier> factors;
};
[[nodiscard]] UnifyScales unify_scales(std::span<const std::int32_t> largest,
                                       std::span<const float> scales);
void unify_wide_ref(std::span<const std::int32_t> x, const UnifyScales& scales,
                    std::span<std::int32_t> out);
[[nodiscard]] std::int32_t largest_magnitude(std::span<const std::int32_t> x);
[[nodiscard]] std::int32_t largest_magnitude(std::span<const std::uint8_t> q, std::int32_t zero);

}  // namespace octet::model
