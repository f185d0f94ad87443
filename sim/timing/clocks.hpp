#pragma once
#include <cstdint>
#include <numeric>

#include "common/divider.hpp"

namespace octet::sim {

// Turns periods of one clock into periods of another, rounded up. Clocks are whole kilohertz.
class ClockRatio {
 public:
  ClockRatio(std::int64_t to_hz, std::int64_t from_hz)
      : common_(std::gcd(to_hz / 1000, from_hz / 1000)),
        to_(to_hz / 1000 / common_),
        from_(from_hz / 1000 / common_),
        over_from_(from_) {}
  // 0 <= value; the result must be below 2^63.
  [[nodiscard]] std::int64_t up(std::int64_t value) const {
    const std::int64_t whole = over_from_(value);  // apart, so that the product stays in 64 bits
    return whole * to_ + over_from_((value - whole * from_) * to_ + from_ - 1);
  }

 private:
  std::int64_t common_, to_, from_;
  Divider over_from_;
};

}  // namespace octet::sim
