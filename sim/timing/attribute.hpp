#pragma once
#include "sim/timing/machine.hpp"

namespace octet::sim {

// Gives every cycle of the step to one command: among those that run, the one on the first unit in
// the order of Unit (compute before transfers); a cycle in which none runs goes to the one that
// starts next. So the cycles of layers, phases and units each add up to the step's.
void attribute_cycles(const Program& program, const std::vector<Interval>& intervals,
                      StepStats& stats);

}  // namespace octet::sim
