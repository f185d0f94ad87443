#pragma once
#include <cstdint>
#include <span>

namespace octet::model {

// y = max(q, z). docs/numerics.md section 7.
void relu_forward(std::span<const std::uint8_t> q, std::int32_t zero_point,
                  std::span<std::uint8_t> y);
// dx = dy where y > z (y is the ReLU's output; q > z is the same condition), else 0. In place is
// fine.
void relu_backward(std::span<const std::int32_t> dy, std::span<const std::uint8_t> y,
                   std::int32_t zero_point, std::span<std::int32_t> dx);

}  // namespace octet::model
