#pragma once
#include "sim/timing/machine.hpp"

namespace octet::sim {

// How full the scratchpads were, from what the DMAs moved. A tile that is loaded is held from the
// start of its load to the end of the last command that works on it; one that is stored, from the
// start of the first command that it depends on and that is no transfer, to the end of its store;
// but where that command made it in the place of a tile that was loaded, from the end of that one.
// Tiles that a unit makes for another and no DMA ever moves are not seen.
void measure_occupancy(const Program& program, const std::vector<Interval>& intervals,
                       StepStats& stats);

// What the closed form shares with it. A command may also wait for a load because it takes its
// place: that is no use of the tile.
[[nodiscard]] bool uses_tile(const Command& command, const Command& load);
// The store has the bytes that the load had: what made them worked in place.
[[nodiscard]] bool same_tile(const Command& store, std::int64_t store_address, const Command& load,
                             std::int64_t load_address);

}  // namespace octet::sim
