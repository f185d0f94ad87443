#pragma once
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// What one command costs, DRAM time apart: the formulas of docs/timing.md. No data is looked at.
struct Cost {
  std::int64_t cycles = 0;
  Counters counters;  // cycles unused
};
[[nodiscard]] Cost cost_of(const Command& command, const Program& program, const Hardware& hw);

}  // namespace octet::sim
