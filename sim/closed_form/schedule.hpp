#pragma once
#include "sim/closed_form/outline.hpp"
#include "sim/dram/counters.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

// When each step of an outline runs, by the machine's rules but without events: a step starts when
// its unit is free and the last that it depends on has finished; transfers reach the memory in the
// order of their starts, a store before a load. The memory is the machine's model of it. So of an
// outline with all commands the schedule is the machine's, cycle by cycle, but for some of the
// times at which both DMAs start at once.
struct Schedule {
  std::vector<Interval> intervals;  // by step
  DramCounters dram;                // weighted; reads and writes left 0
};
// Throws octet::Error: a dependency that never ends.
[[nodiscard]] Schedule schedule_of(const Outline& outline, const Hardware& hardware);

}  // namespace octet::sim
