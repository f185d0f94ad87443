#pragma once
#include "sim/energy/table.hpp"

namespace octet::sim {

// One bank of a scratchpad: energy of one access, leakage, area, time between two accesses (0 where
// the points have none).
struct SramMacro {
  Spread read_pj, write_pj, leakage_mw, area_mm2, cycle_ns;
};

// Capacity in bytes, width of an access in bits: any positive numbers. Between the table's points
// the logarithm is linear in both logarithms; docs/energy.md says what holds beyond them.
[[nodiscard]] SramMacro sram_macro(const SramTable& table, double bytes, double bits);

}  // namespace octet::sim
