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

SgdJob sgd_job(const SgdRates& rates, Range& range) {
  SgdJob job{};
  job.learning_rate = rates.learning_rate;
  job.momentum = rates.momentum;
  job.weight_decay = rates.weight_decay;
  job.nesterov = rates.nesterov;
  job.low = &range.low;
  job.high = &range.high;
  return job;
}

void sgd_update_fast(std::span<const float> gradient, const SgdRates& rates,
                     std::span<float> velocity, std::span<float> weight, Range& range) {
  SgdJob job = sgd_job(rates, range);
  job.rows = 1;
  job.count = gradient.size();
  job.gradient = gradient.data();
  job.velocity = velocity.data();
  job.weight = weight.data();
  kernels().sgd(job);
}

void gradient_to_float(std::span<const std::int64_t> accumulator, float scale,
                       std::span<float> gradient) {
  for (std::size_t i = 0; i < gradient.size(); ++i)
    gradient[i] = static_cast<float>(accumulator[i]) * scale;
}

}  // namespace octet::model
