#pragma once
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// What run_machine() measures, without SystemC and without running loops to their end: bytes,
// multiply-accumulates, activity and traffic exactly, cycles and the memory's rows nearly
// (docs/timing.md says how near). `fold`: false runs every command; then cycles are the machine's,
// ties between the two DMAs apart. Throws octet::Error: a dependency that never ends.
[[nodiscard]] StepStats closed_form(const Program& program, const Hardware& hardware,
                                    bool fold = true);

}  // namespace octet::sim
