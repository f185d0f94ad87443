#include "model/ops/relu.hpp"

#include <algorithm>

namespace octet::model {

void relu_forward(std::span<const std::uint8_t> q, std::int32_t zero_point,
                  std::span<std::uint8_t> y) {
  const auto zero = static_cast<std::uint8_t>(zero_point);
  for (std::size_t i = 0; i < q.size(); ++i) y[i] = std::max(q[i], zero);
}

void relu_backward(std::span<const std::int32_t> dy, std::span<const std::uint8_t> y,
                   std::int32_t zero_point, std::span<std::int32_t> dx) {
  for (std::size_t i = 0; i < dy.size(); ++i) dx[i] = y[i] > zero_point ? dy[i] : 0;
}

}  // namespace octet::model
