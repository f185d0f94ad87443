#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"

namespace octet::app {

// Every burst of a step, for the memory simulators to read.
struct DramTraceOptions {
  std::string file;  // empty: none
  std::string format = "dramsim3";
};
void add_dram_trace_options(CLI::App& command, DramTraceOptions& options);
// Runs what `lower` gives once more and writes a line a burst, in the order in which they reach the
// memory: "0x1c0 READ 42" (dramsim3: byte address, what, the memory's clock) or "LD 0x1c0"
// (ramulator2). The file appears when it is whole. Throws octet::Error.
void write_dram_trace(const DramTraceOptions& options, const sim::Hardware& hardware,
                      const std::function<sim::Program()>& lower);

}  // namespace octet::app
