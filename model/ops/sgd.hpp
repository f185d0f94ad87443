#pragma once
#include <cstdint>
#include <limits>
#include <span>

#include "model/kernels/fc_jobs.hpp"
#include "model/quant/quantise.hpp"

namespace octet::model {

// f32 SGD with momentum: docs/numerics.md section 10.
struct SgdRates {
  float learning_rate = 0.0F;
  float momentum = 0.0F;
  float weight_decay = 0.0F;
  bool nesterov = false;
};
void sgd_update(std::span<const float> gradient, const SgdRates& rates, std::span<float> velocity,
                std::span<float> weight);
// The range of no weights, to be widened.
inline constexpr Range kNoWeights{std::numeric_limits<float>::infinity(),
                                  -std::numeric_limits<float>::infinity()};
// The same bytes, fast; `range` is widened to hold every new weight that is a number.
void sgd_update_fast(std::span<const float> gradient, const SgdRates& rates,
                     std::span<float> velocity, std::span<float> weight, Range& range);
// The kernel's job with these rates and this range, but for the arrays.
[[nodiscard]] SgdJob sgd_job(const SgdRates& rates, Range& range);
// gradient = f32(accumulator) * scale.
void gradient_to_float(std::span<const std::int64_t> accumulator, float scale,
                       std::span<float> gradient);

}  // namespace octet::model
