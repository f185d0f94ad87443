#pragma once
#include <cstdint>
#include <span>

#include "model/ops/pool.hpp"

namespace octet::model::float32 {

// docs/numerics.md sections 7 and 8 in float32, channels last, for any
// number of images: shape.batch is that of the arrays.

// real = (pixel / 255 - mean) / deviation.
void input_forward(std::span<const std::uint8_t> pixels, float mean, float deviation,
                   std::span<float> y);

void relu_forward(std::span<const float> x, std::span<float> y);
// dx = dy where y > 0, else 0.
void relu_backward(std::span<const float> dy, std::span<const float> y, std::span<float> dx);

// y = a + b; with `relu` its positive part.
void add(std::span<const float> a, std::span<const float> b, bool relu, std::span<float> y);
// y += x.
void accumulate(std::span<const float> x, std::span<float> y);

// where[] = index of the winner in its own image; the first in window order (i, then j) wins.
void max_pool_forward(const PoolShape& shape, std::span<const float> x, std::span<float> y,
                      std::span<std::int32_t> where);
void max_pool_backward(const PoolShape& shape, std::span<const float> dy,
                       std::span<const std::int32_t> where, std::span<float> dx);
// Divides by the whole kernel area, padding included.
void avg_pool_forward(const PoolShape& shape, std::span<const float> x, std::span<float> y);
void avg_pool_backward(const PoolShape& shape, std::span<const float> dy, std::span<float> dx);

struct LossResult {
  double loss_sum = 0.0;  // nats
  std::int64_t correct = 0;
};
// Softmax cross-entropy of logits[n][classes]; gradient of the mean loss over the n images unless
// `gradient` is empty. The lowest class wins a tie of the prediction.
[[nodiscard]] LossResult softmax_cross_entropy(std::span<const float> logits,
                                               std::span<const std::uint16_t> labels,
                                               std::span<float> gradient);

}  // namespace octet::model::float32
