#pragma once
#include <cstdint>
#include <limits>

namespace octet::model {

// Saturating rounding doubling high multiply: floor(a b / 2^31 + 1/2), ties toward +infinity.
// -2^31 times itself gives 2^31 - 1. docs/numerics.md section 2; gemmlowp fixedpoint.h.
[[nodiscard]] constexpr std::int32_t srdhm(std::int32_t a, std::int32_t b) {
  constexpr auto lowest = std::numeric_limits<std::int32_t>::min();
  if (a == lowest && b == lowest) return std::numeric_limits<std::int32_t>::max();
  const std::int64_t product = std::int64_t{a} * b;
  return static_cast<std::int32_t>((product + (std::int64_t{1} << 30)) >> 31);
}

}  // namespace octet::model
