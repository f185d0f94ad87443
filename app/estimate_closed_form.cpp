// octet estimate --closed-form: the step without SystemC, in a small part of the time.
#include <fmt/core.h>

#include "app/estimate_modes.hpp"
#include "sim/closed_form/closed_form.hpp"

namespace octet::app {

void add_closed_form_options(CLI::App& command, EstimateOptions& options) {
  CLI::Option* closed =
      command
          .add_flag("--closed-form{replay}", options.closed_form,
                    "work the step out without running it: exact bytes and counts, cycles nearly; "
                    "=rates: sooner, and less near")
          ->check(CLI::IsMember({kReplay, kRates}));
  command
      .add_flag("--check", options.check,
                "also run it, and fail where the closed form is not what docs/timing.md says")
      ->needs(closed);
  // What only a run can show, or what has runs of its own.
  for (const char* other : {"--trace", "--vcd", "--compare", "--chips", "--reference"}) {
    closed->excludes(command.get_option(other));
  }
}

namespace {

void check(const sim::StepEstimate& step, const sim::Program& program,
           const sim::Hardware& hardware) {
  const std::int64_t cycles = sim::check_closed_form(step, program, hardware);
  const double more =
      100.0 * (static_cast<double>(step.stats.cycles - cycles) / static_cast<double>(cycles));
  fmt::print("Closed form: bytes and MACs as the machine, {} cycles, the machine {} ({:+.3f} %)\n",
             step.stats.cycles, cycles, more);
}

}  // namespace

sim::StepEstimate estimate_closed_form(const sim::Lower& lower, const sim::Hardware& hardware,
                                       const EstimateOptions& options) {
  sim::RatesCache rates;
  const sim::Method method =
      options.closed_form == kRates ? sim::Method::kRates : sim::Method::kClosedForm;
  sim::StepEstimate step = sim::estimate_closed_form(lower, hardware, method, rates);
  if (options.check) {
    sim::Program program;
    sim::ProgramEmitter all(program);
    lower(program, all);
    check(step, program, hardware);
  }
  return step;
}

}  // namespace octet::app
