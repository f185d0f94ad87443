#pragma once
#include <cstdint>

namespace octet::model {

// Rounding divide by a power of two: x / 2^exponent to nearest, ties away from zero.
// 0 <= exponent <= 31; any |x| < 2^62. docs/numerics.md section 2; gemmlowp fixedpoint.h.
[[nodiscard]] constexpr std::int64_t rdbpot(std::int64_t x, int exponent) {
  if (exponent == 0) return x;
  const std::int64_t half = std::int64_t{1} << (exponent - 1);
  return x < 0 ? -((-x + half) >> exponent) : (x + half) >> exponent;
}

}  // namespace octet::model
