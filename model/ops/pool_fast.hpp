#pragma once
#include "model/ops/pool.hpp"

namespace octet::model {

// Same results as the references of model/ops/pool.hpp.
void max_pool_forward(const PoolShape& shape, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y, std::span<std::int32_t> where);
void avg_pool_forward(const PoolShape& shape, std::span<const std::uint8_t> x,
                      std::int32_t zero_point, std::span<std::int32_t> y);
void avg_pool_backward(const PoolShape& shape, std::span<const std::int32_t> dy,
                       std::span<std::int32_t> dx);

}  // namespace octet::model
