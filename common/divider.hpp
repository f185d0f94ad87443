#pragma once
#include <bit>
#include <cstdint>

namespace octet {

// floor(n / d) for 0 <= n < 2^63 and a d >= 1 that is known long before n, by a multiplication:
// with L = ceil(log2 d) and m = ceil(2^(63 + L) / d) < 2^64, floor(n m / 2^(63 + L)) is exact
// (Granlund, Montgomery, "Division by invariant integers using multiplication", PLDI 1994).
class Divider {
 public:
  explicit Divider(std::int64_t d)
      : shift_(63 + std::bit_width(static_cast<std::uint64_t>(d) - 1)),
        multiplier_(static_cast<std::uint64_t>(((Wide{1} << shift_) + Wide(d) - 1) / Wide(d))) {}
  [[nodiscard]] std::int64_t operator()(std::int64_t n) const {
    return static_cast<std::int64_t>((Wide(n) * multiplier_) >> shift_);
  }

 private:
  __extension__ using Wide = unsigned __int128;
  int shift_;
  std::uint64_t multiplier_;
};

}  // namespace octet
