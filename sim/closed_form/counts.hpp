#pragma once
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// Sums of what commands move and do, as the machine counts it: integers, exactly.

// Cycles that bursts keep the data bus, the mean over the channels.
[[nodiscard]] std::int64_t bus_cycles(std::int64_t bursts, const Hardware& hardware);
// `times` commands that cost `one`.
void add_times(Counters& sum, const Counters& one, std::int64_t times);
// Transfers like `command` that moved `bytes` in whole bursts.
void add_moved(std::int64_t bytes, const Command& command, const Program& program,
               std::int64_t burst_bytes, StepStats& stats);
// What whole bursts move for `runs` of `bytes`, the first at `address`, `stride` apart. Their
// places in a burst repeat, so it takes no longer for more of them.
[[nodiscard]] std::int64_t moved_by(std::int64_t address, std::int64_t runs, std::int64_t stride,
                                    std::int64_t bytes, std::int64_t burst_bytes);

}  // namespace octet::sim
