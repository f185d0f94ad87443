#pragma once
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"
#include "sim/timing/transfer.hpp"

namespace octet::sim {

// Units of the statistics: the command units, then the DRAM, which holds bytes and energy, then
// what costs energy merely by standing there: leakage.
inline constexpr int kStatUnits = kUnits + 2;
inline constexpr int kDramUnit = kUnits;
inline constexpr int kStandingUnit = kUnits + 1;
[[nodiscard]] const char* stat_unit_name(int unit);

// When each command ran, in cycles: [start, end).
struct Interval {
  std::int64_t start = 0, end = 0;
};
struct MachineRun {
  StepStats stats;
  std::vector<Interval> intervals;  // by command
};

// Runs the program on the SystemC machine. Starts from an empty machine; may be called again, one
// call at a time in a process.
[[nodiscard]] MachineRun run_machine(const Program& program, const Hardware& hardware,
                                     const RunOptions& options = {});

}  // namespace octet::sim
