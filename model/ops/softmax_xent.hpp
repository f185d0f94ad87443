#pragma once
#include <cstdint>
#include <span>

#include "model/quant/quantise.hpp"

namespace octet::model {

// Softmax cross-entropy on wide logits [batch][classes]: docs/numerics.md section 8.
struct SoftmaxResult {
  std::int64_t loss_q16_log2 = 0;  // sum over images, log2 units with 16 fraction bits
  std::int64_t correct = 0;
};
[[nodiscard]] Multiplier softmax_factor(float logit_scale);
// gradient[batch][classes] = pi - 2^24 [j = y]; may be empty (inference).
[[nodiscard]] SoftmaxResult softmax_xent_ref(std::span<const std::int32_t> logits, int classes,
                                             Multiplier factor,
                                             std::span<const std::uint16_t> labels,
                                             std::span<std::int32_t> gradient);
[[nodiscard]] double nats(std::int64_t loss_q16_log2);  // for reports only

}  // namespace octet::model
