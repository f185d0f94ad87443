#pragma once
#include <cstdint>

#include "model/fixed/rdbpot.hpp"
#include "model/fixed/saturate.hpp"
#include "model/fixed/srdhm.hpp"

namespace octet::model {

// A real factor mantissa * 2^-31 * 2^-exponent; exponent in [-30, 31]. docs/numerics.md section 2.
struct Multiplier {
  std::int32_t mantissa = 0;
  std::int32_t exponent = 0;
  bool operator==(const Multiplier&) const = default;
};

// x times the factor, rounded to nearest in gemmlowp's two steps: SRDHM, then RDBPOT.
[[nodiscard]] constexpr std::int32_t requantise_nearest(std::int32_t x, Multiplier factor) {
  const int left = factor.exponent < 0 ? -factor.exponent : 0;
  const int right = factor.exponent > 0 ? factor.exponent : 0;
  const std::int32_t shifted = saturate_int32(std::int64_t{x} * (std::int64_t{1} << left));
  return static_cast<std::int32_t>(rdbpot(srdhm(shifted, factor.mantissa), right));
}

// x times the factor, rounded stochastically: floor(x M + random / 2^16), `random` 16 bits.
// Exact to 64 bits for |mantissa| < 2^31; the result saturates to int32.
[[nodiscard]] constexpr std::int32_t requantise_stochastic(std::int32_t x, Multiplier factor,
                                                           std::uint16_t random) {
  const std::int64_t product = std::int64_t{x} * factor.mantissa;
  const int shift = 31 + factor.exponent;
  const std::int64_t addend =
      shift >= 16 ? std::int64_t{random} << (shift - 16) : std::int64_t{random} >> (16 - shift);
  return saturate_int32((product + addend) >> shift);
}

}  // namespace octet::model
