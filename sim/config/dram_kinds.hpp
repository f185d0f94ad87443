#pragma once
#include <string>
#include <vector>

#include "sim/config/hardware.hpp"

namespace octet::sim {

// A memory standard: what one channel is, times in nanoseconds.
struct DramKind {
  const char* name;
  std::int64_t clock_hz;
  int banks;
  std::int64_t row_bytes, burst_bytes;
  int burst_clocks;
  double cl_ns, rcd_ns, rp_ns, refi_ns, rfc_ns;
};
[[nodiscard]] const std::vector<DramKind>& dram_kinds();
// Clocks that cover `ns`, a hundredth of a clock forgiven (14.16 ns is 17 clocks of 0.8333 ns).
[[nodiscard]] int clocks_of(double ns, std::int64_t clock_hz);
// `channels` of a kind; nullptr-free: the name must be known.
[[nodiscard]] Dram make_dram(const DramKind& kind, int channels);

}  // namespace octet::sim
