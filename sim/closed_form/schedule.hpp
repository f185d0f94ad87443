#pragma once
#include "sim/closed_form/outline.hpp"
#include "sim/closed_form/transfer_rates.hpp"
#include "sim/dram/counters.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

// When each step of an outline runs, by the machine's rules but without events: a step starts when
// its unit is free and the last that it depends on has finished; transfers reach the memory in the
// order of their starts, a store before a load.
struct Schedule {
  std::vector<Interval> intervals;  // by step
  DramCounters dram;                // weighted; reads and writes left 0
};
// With the machine's model of the memory. So of an outline with all commands the schedule is the
// machine's, cycle by cycle.
// Throws octet::Error: a dependency that never ends.
[[nodiscard]] Schedule schedule_replayed(const Outline& outline, const Hardware& hardware);
// With transfers that take what `rates` say, and refreshes as their share; of the memory's counters
// only activates. Throws the same.
[[nodiscard]] Schedule schedule_by_rates(const Outline& outline, TransferRates& rates);

}  // namespace octet::sim
