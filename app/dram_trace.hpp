#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "model/quant/recipe.hpp"
#include "sim/config/hardware.hpp"
#include "workloads/graph/network.hpp"

namespace octet::app {

// Every burst of a step, for the memory simulators to read.
struct DramTraceOptions {
  std::string file;  // empty: none
  std::string format = "dramsim3";
};
void add_dram_trace_options(CLI::App& command, DramTraceOptions& options);
// Runs the step once more and writes a line a burst, in the order in which they reach the memory:
// "0x1c0 READ 42" (dramsim3: byte address, what, the memory's clock) or "LD 0x1c0" (ramulator2).
// The file appears when it is whole. Throws octet::Error.
void write_dram_trace(const DramTraceOptions& options, const workloads::Network& network,
                      const model::Recipe& recipe, const sim::Hardware& hardware, int batch);

}  // namespace octet::app
