#pragma once
#include "sim/closed_form/schedule.hpp"

namespace octet::sim {

// From a schedule to the step's times, each step counted by its weight: cycles by layer, phase and
// unit, busy and stalled cycles, waits and the use of scratchpads, by the machine's rules
// (docs/timing.md, Attribution).
void add_cycles(const Outline& outline, const Schedule& schedule, StepStats& stats);
void add_unit_times(const Outline& outline, const Schedule& schedule, StepStats& stats);
void add_pad_use(const Outline& outline, const Schedule& schedule, StepStats& stats);

}  // namespace octet::sim
