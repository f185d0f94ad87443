#pragma once
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// Work of a streaming unit for one command: lane cycles, bytes at the scratchpad, operations.
struct Work {
  std::int64_t lane_steps = 0;
  std::int64_t bytes = 0;
  std::int64_t multiplies = 0, adds = 0;  // int32
  std::int64_t fp_multiplies = 0, fp_adds = 0;
};
// None for products and transfers.
[[nodiscard]] Work work_of(const Command& command, const Program& program);
// Cycles of `count` sets of scalar operations, one after the other.
[[nodiscard]] std::int64_t scalar_cycles(std::int64_t count);

// What one command costs, DRAM time apart: the formulas of docs/timing.md. No data is looked at.
struct Cost {
  std::int64_t cycles = 0;
  Counters counters;  // cycles unused
};
[[nodiscard]] Cost cost_of(const Command& command, const Program& program, const Hardware& hw);

}  // namespace octet::sim
