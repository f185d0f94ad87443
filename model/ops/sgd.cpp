#include "model/ops/sgd.hpp"

#include "model/kernels/kernels.hpp"

namespace octet::model {

void sgd_update(std::span<const float> gradient, const SgdRates& rates, std::span<float> velocity,
                std::span<float> weight) {
  for (std::size_t i = 0; i < weight.size(); ++i) {
    const float g = gradient[i] + rates.weight_decay * weight[i];
    const float v = rates.momentum * velocity[i] + g;
    const float direction = rates.nesterov ? g + rates.momentum * v : v;
    velocity[i] = v;
    weight[i] = weight[i] - rates.learning_rate * direction;
  }
}

void sgd_update_fast(std::span<const float> gradient, const SgdRates& rates,
                     std::span<float> velocity, std::span<float> weight, Range& range) {
  kernels().sgd({gradient.data(), gradient.size(), rates.learning_rate, rates.momentum,
                 rates.weight_decay, rates.nesterov, velocity.data(), weight.data(), &range.low,
                 &range.high});
}

void gradient_to_float(std::span<const std::int64_t> accumulator, float scale,
                       std::span<float> gradient) {
  for (std::size_t i = 0; i < gradient.size(); ++i)
    gradient[i] = static_cast<float>(accumulator[i]) * scale;
}

}  // namespace octet::model
