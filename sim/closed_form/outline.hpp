#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "sim/program/program.hpp"

namespace octet::sim {

// A step's commands with the middle of its loops left out: what a schedule needs to see of them.
// Loops reach a steady state within a few iterations; of a long loop the first ones, a window of a
// few that stand for all that are left out, and the last ones are kept. OutlineEmitter makes it.
struct Outline {
  struct Step {
    const Command* command = nullptr;      // dependencies and the first element apart
    std::int64_t cycles = 0;               // of a command that is no transfer
    std::int64_t address = 0;              // of a transfer
    std::int64_t weight = 1;               // commands that it stands for
    std::int32_t loop = -1;                // the outermost of which iterations are left out
    std::uint32_t deps = 0, deps_end = 0;  // in `deps`
    Unit unit = Unit::kMacArray;
  };
  std::vector<Step> steps;
  std::vector<std::int32_t> deps;  // indices of steps
  std::deque<Command> copies;      // one of each sort; steps point here
};

}  // namespace octet::sim
