// octet estimate --trace and --vcd: the units of the machine over time.
#include <algorithm>

#include "app/estimate_modes.hpp"
#include "app/result.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "sim/timing/machine.hpp"
#include "sim/views/chrome_trace.hpp"
#include "sim/views/vcd.hpp"

namespace octet::app {
namespace {

// About 300 bytes each: a file that a viewer still opens.
constexpr std::int64_t kMostCommands = 1'000'000;

// An option's own delimiter would drop the empty names.
std::vector<std::string> names_of(const std::vector<std::string>& lists) {
  std::vector<std::string> names;
  for (const std::string& list : lists) {
    std::size_t at = 0;
    while (at <= list.size()) {
      const std::size_t comma = std::min(list.find(',', at), list.size());
      names.push_back(list.substr(at, comma - at));
      if (names.back().empty())
        throw usage_error("--trace-layers", "an empty name in '" + list + "'", "NAME,...");
      at = comma + 1;
    }
  }
  return names;
}

}  // namespace

void add_view_options(CLI::App& command, EstimateOptions& options) {
  command.add_option("--trace", options.trace,
                     "write the units over time to this file, for Perfetto or Chrome");
  command.add_option("--vcd", options.vcd,
                     "write busy, queue and DRAM signals to this file, for waveform viewers");
  command
      .add_option("--trace-layers", options.trace_layers,
                  "layers that --trace and --vcd show, separated by commas (default: all)")
      ->allow_extra_args(false)
      ->type_name("NAME,...");
}

sim::StepEstimate estimate_and_show(const sim::Lower& lower, const sim::Hardware& hardware,
                                    const EstimateOptions& options) {
  if (!options.closed_form.empty()) return estimate_closed_form(lower, hardware, options);
  const std::vector<std::string> layers = names_of(options.trace_layers);
  prepare_file(options.trace);
  prepare_file(options.vcd);
  sim::Program program;
  sim::ProgramEmitter every_command(program);
  lower(program, every_command);
  sim::MachineRun run;
  const sim::StepEstimate estimate =
      sim::estimate_program(program, hardware, &run, {{}, options.unfolded});
  if (options.trace.empty() && options.vcd.empty()) return estimate;
  const sim::Selection selection =
      sim::select_commands(program, run.intervals, hardware, layers, kMostCommands);
  if (!options.trace.empty()) write_file(options.trace, sim::chrome_trace(selection));
  if (!options.vcd.empty()) write_file(options.vcd, sim::value_change_dump(selection));
  return estimate;
}

}  // namespace octet::app
