#pragma once
#include <array>

#include "sim/config/hardware.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// Counts that belong to the step as a whole, given to its layers and phases as whole numbers whose
// sums are exact: rows opened go with the bytes moved, refreshes and what costs energy by time
// with the cycles attributed. The DRAM's are put into unit `dram`, leakage into unit `standing`.
// Once a step, after it has run.
void give_out_step_counts(StepStats& stats, int dram, int standing);

// What costs energy by time alone, of that many cycles: refreshes, standby, leakage.
[[nodiscard]] std::array<double, kActivities> standing_counts(double cycles,
                                                              const Hardware& hardware);

}  // namespace octet::sim
