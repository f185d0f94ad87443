#pragma once
#include "sim/timing/machine.hpp"

namespace octet::sim {

// Why units waited: the gap before each command, between its unit's first and last command, goes to
// the unit whose command, of those that it depends on, finished last. So the waits of a unit add up
// to its stall.
void attribute_waits(const Program& program, const std::vector<Interval>& intervals,
                     StepStats& stats);

}  // namespace octet::sim
