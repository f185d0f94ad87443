#pragma once
#include <cstdint>
#include <numeric>

#include "common/divider.hpp"

namespace octet::sim {

// Turns periods of one clock into periods of another, rounded up. Clocks are whole kilohertz.
class ClockRatio {
 public:
  ClockRatio(std::int64_t to_hz, std::int64_t from_hz)
      : ClockRatio(to_hz / 1000, from_hz / 1000, std::gcd(to_hz / 1000, from_hz / 1000)) {}
  // 0 <= value; the result must be below 2^63.
  [[nodiscard]] std::int64_t up(std::int64_t value) const {
    if (value <= whole_) return over_from_(value * to_ + from_ - 1);
    const std::int64_t parts = over_from_(value);  // apart, so that the product stays in 64 bits
    return parts * to_ + over_from_((value - parts * from_) * to_ + from_ - 1);
  }

 private:
  ClockRatio(std::int64_t to, std::int64_t from, std::int64_t common)
      : to_(to / common),
        from_(from / common),
        whole_((INT64_MAX - from_) / to_),
        over_from_(from_) {}
  std::int64_t to_, from_, whole_;
  Divider over_from_;
};

}  // namespace octet::sim
