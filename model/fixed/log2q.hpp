#pragma once
#include <bit>
#include <cstdint>

namespace octet::model {

// log2(v) with 16 fraction bits, truncated, by repeated squaring; v >= 1. docs/numerics.md
// section 9.
[[nodiscard]] constexpr std::int32_t log2q(std::uint64_t v) {
  const int top = 63 - std::countl_zero(v);
  std::uint64_t y = top > 31 ? v >> (top - 31) : v << (31 - top);
  std::int32_t result = top;
  for (int bit = 0; bit < 16; ++bit) {
    y = (y * y) >> 31;
    result <<= 1;
    if (y >= (std::uint64_t{1} << 32)) {
      result |= 1;
      y >>= 1;
    }
  }
  return result;
}

}  // namespace octet::model
