#pragma once
#include <deque>

#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// A program with the middle of its loops left out: what a schedule needs to see of it. Loops reach
// a steady state within a few repetitions; of a long loop the first ones, a window of a few that
// stand for all that are left out, and the last ones are kept.
struct Outline {
  struct Step {
    const Command* command = nullptr;      // dependencies and the first element apart
    std::int64_t cycles = 0;               // of a command that is no transfer
    std::int64_t address = 0;              // of a transfer
    std::int64_t weight = 1;               // commands that it stands for
    bool typical = false;                  // of a loop of which iterations are left out
    std::uint32_t deps = 0, deps_end = 0;  // in `deps`
    Unit unit = Unit::kMacArray;
  };
  std::vector<Step> steps;
  std::vector<std::int32_t> deps;  // indices of steps
  std::deque<Command> copies;      // commands that are in no loop's template
};

// The outline of a program, which must outlive it, and with it the exact counts of the program into
// `stats`: all counters but cycles, and the traffic. Takes time in proportion to what is kept of
// the loops, not to their repetitions. `fold`: false keeps every command.
[[nodiscard]] Outline outline_of(const Program& program, const Hardware& hardware, bool fold,
                                 StepStats& stats);

}  // namespace octet::sim
