#pragma once
#include <string>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

// A run and the part of it that is shown.
struct Selection {
  const Program* program = nullptr;
  const std::vector<Interval>* intervals = nullptr;  // by command
  const Hardware* hardware = nullptr;
  std::vector<int> commands;  // in the order of their starts
};
// The commands of the named layers, all if there is no name. Throws octet::Error: a name that no
// layer has, more than `most` commands, or a run without an interval for each command. The
// arguments must outlive the result.
[[nodiscard]] Selection select_commands(const Program& program,
                                        const std::vector<Interval>& intervals,
                                        const Hardware& hardware,
                                        const std::vector<std::string>& layers, std::int64_t most);

// The start of a cycle in picoseconds of the machine's clock, to the nearest.
[[nodiscard]] std::int64_t picoseconds(std::int64_t cycle, const Hardware& hardware);
// Bytes that a load or store moves on the DRAM bus: whole bursts.
[[nodiscard]] std::int64_t bus_bytes(const Command& command, const Program& program,
                                     const Hardware& hardware);

}  // namespace octet::sim
