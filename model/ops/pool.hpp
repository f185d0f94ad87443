#pragma once
#include <cstdint>
#include <span>

namespace octet::model {

// Pooling over [batch][in_h][in_w][channels], channels last. docs/numerics.md section 7.
struct PoolShape {
  int batch = 1;
  int in_h = 1, in_w = 1, channels = 1;
  int out_h = 1, out_w = 1;
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int pad_h = 0, pad_w = 0;
};

// y = maximum of the window; where[] = flat index into x of the winner (first in window order).
void max_pool_forward_ref(const PoolShape& shape, std::span<const std::uint8_t> x,
                          std::span<std::uint8_t> y, std::span<std::int32_t> where);
// dx[where[i]] += dy[i].
void max_pool_backward_ref(std::span<const std::int32_t> dy, std::span<const std::int32_t> where,
                           std::span<std::int32_t> dx);
// Wide sum of (x - z) over the window; its scale is s_x / f32(kernel_h kernel_w).
void avg_pool_forward_ref(const PoolShape& shape, std::span<const std::uint8_t> x,
                          std::int32_t zero_point, std::span<std::int32_t> y);
// dx = sum of dy over the windows that hold the element; scale s_dy / f32(kernel_h kernel_w).
void avg_pool_backward_ref(const PoolShape& shape, std::span<const std::int32_t> dy,
                           std::span<std::int32_t> dx);

}  // namespace octet::model
