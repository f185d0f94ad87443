#pragma once
#include <optional>

#include "model/ops/conv2d_fast.hpp"
#include "model/ops/pool.hpp"

namespace octet::model {

// Same results as the references of model/ops/pool.hpp.
// Winners are places in their windows, i kernel_w + j; so windows have at most 2^16 elements.
void max_pool_forward(const PoolShape& shape, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y, std::span<std::uint16_t> winners);
// dx is written whole. `mask`: of the output's codes, where what was pooled came from a ReLU; its
// backward pass is then done on the way. Returns the extremes of dx where windows do not overlap.
std::optional<Extremes> max_pool_backward(const PoolShape& shape, std::span<const std::int32_t> dy,
                                          std::span<const std::uint16_t> winners,
                                          const ConvMask& mask, std::span<std::int32_t> dx);
void avg_pool_forward(const PoolShape& shape, std::span<const std::uint8_t> x,
                      std::int32_t zero_point, std::span<std::int32_t> y);
void avg_pool_backward(const PoolShape& shape, std::span<const std::int32_t> dy,
                       std::span<std::int32_t> dx);

}  // namespace octet::model
