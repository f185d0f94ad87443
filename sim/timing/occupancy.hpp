#pragma once
#include "sim/timing/machine.hpp"

namespace octet::sim {

// How full the scratchpads were, from what the DMAs moved. A tile that is loaded is held from the
// start of its load to the end of the last command that works on it; one that is stored, from the
// start of the first command that it depends on and that is no transfer, to the end of its store.
// Tiles that a unit makes for another and no DMA ever moves are not seen.
void measure_occupancy(const Program& program, const std::vector<Interval>& intervals,
                       StepStats& stats);

}  // namespace octet::sim
