#pragma once
#include <cstdint>

namespace octet::model {

// numerator / denominator to the nearest integer, ties away from zero. denominator > 0.
[[nodiscard]] constexpr std::int64_t div_away(std::int64_t numerator, std::int64_t denominator) {
  const bool negative = numerator < 0;
  const std::uint64_t magnitude =
      negative ? ~static_cast<std::uint64_t>(numerator) + 1 : static_cast<std::uint64_t>(numerator);
  const auto divisor = static_cast<std::uint64_t>(denominator);
  std::uint64_t quotient = magnitude / divisor;
  const std::uint64_t rest = magnitude % divisor;
  if (rest >= divisor - rest) ++quotient;
  return negative ? -static_cast<std::int64_t>(quotient) : static_cast<std::int64_t>(quotient);
}

}  // namespace octet::model
