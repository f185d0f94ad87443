#pragma once
#include <cstdint>
#include <limits>

namespace octet::model {

// min(max(x, low), high).
template <class T>
[[nodiscard]] constexpr T saturate(T x, T low, T high) {
  return x < low ? low : (x > high ? high : x);
}

[[nodiscard]] constexpr std::int32_t saturate_int32(std::int64_t x) {
  return static_cast<std::int32_t>(saturate<std::int64_t>(
      x, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()));
}

}  // namespace octet::model
