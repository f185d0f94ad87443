#pragma once
#include <cstdint>

#include "model/fixed/requantise.hpp"

namespace octet::model::testing {

__extension__ typedef __int128 Int128;

// floor(a / b), b > 0, by division alone: nothing here shifts.
[[nodiscard]] constexpr Int128 floor_divide(Int128 a, Int128 b) {
  const Int128 quotient = a / b;
  return a % b < 0 ? quotient - 1 : quotient;
}

[[nodiscard]] constexpr Int128 power_of_two(int exponent) {
  Int128 result = 1;
  for (int i = 0; i < exponent; ++i) result *= 2;
  return result;
}

[[nodiscard]] constexpr Int128 clamp_int32(Int128 x) {
  const Int128 high = 2147483647;
  return x > high ? high : (x < -high - 1 ? -high - 1 : x);
}

// floor(a b / 2^31 + 1/2), saturated.
[[nodiscard]] constexpr Int128 srdhm_oracle(std::int32_t a, std::int32_t b) {
  return clamp_int32(floor_divide(2 * Int128{a} * b + power_of_two(31), power_of_two(32)));
}

// x / 2^exponent to the nearest integer, ties away from zero.
[[nodiscard]] constexpr Int128 rdbpot_oracle(Int128 x, int exponent) {
  const Int128 magnitude = x < 0 ? -x : x;
  const Int128 rounded = (2 * magnitude + power_of_two(exponent)) / (2 * power_of_two(exponent));
  return x < 0 ? -rounded : rounded;
}

[[nodiscard]] constexpr Int128 requantise_oracle(std::int32_t x, Multiplier factor) {
  const int left = factor.exponent < 0 ? -factor.exponent : 0;
  const int right = factor.exponent > 0 ? factor.exponent : 0;
  const auto shifted = static_cast<std::int32_t>(clamp_int32(x * power_of_two(left)));
  return rdbpot_oracle(srdhm_oracle(shifted, factor.mantissa), right);
}

// floor((p + R) / 2^h), saturated.
[[nodiscard]] constexpr Int128 stochastic_oracle(std::int32_t x, Multiplier factor,
                                                 std::uint16_t random) {
  const int h = 31 + factor.exponent;
  const Int128 addend =
      h >= 16 ? random * power_of_two(h - 16) : floor_divide(random, power_of_two(16 - h));
  return clamp_int32(floor_divide(Int128{x} * factor.mantissa + addend, power_of_two(h)));
}

}  // namespace octet::model::testing
