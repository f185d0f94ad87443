#pragma once
#include "model/ops/pool.hpp"

namespace octet::model {

// Same bytes as max_pool_forward_ref, with the channels in the inner loop.
void max_pool_forward(const PoolShape& shape, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y, std::span<std::int32_t> where);

}  // namespace octet::model
