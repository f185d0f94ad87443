#pragma once
#include <cstdint>

namespace octet::sim {

// value periods of one clock in periods of another, rounded up. Clocks are whole kilohertz, so that
// the product below stays within 64 bits.
[[nodiscard]] inline std::int64_t scale_up(std::int64_t value, std::int64_t to_hz,
                                           std::int64_t from_hz) {
  if (to_hz == from_hz) return value;  // spares two divisions a run
  const std::int64_t to = to_hz / 1000;
  const std::int64_t from = from_hz / 1000;
  return value / from * to + (value % from * to + from - 1) / from;
}

}  // namespace octet::sim
