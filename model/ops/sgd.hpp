#pragma once
#include <cstdint>
#include <span>

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
// gradient = f32(accumulator) * scale.
void gradient_to_float(std::span<const std::int64_t> accumulator, float scale,
                       std::span<float> gradient);

}  // namespace octet::model
