#include <fmt/core.h>

#include <memory>

#include "app/commands.hpp"
#include "app/dram_trace.hpp"
#include "app/result.hpp"
#include "app/step_options.hpp"

namespace octet::app {
namespace {

struct Options {
  StepOptions step;
  std::string out, json;
  DramTraceOptions dram_trace;
};

int estimate(const Options& options, const std::string& command_line) {
  const auto [network, recipe, hardware, batch] = resolve(options.step);
  const sim::StepEstimate step = sim::estimate_step(network, recipe, hardware, batch);
  const std::string folder = prepare_folder(
      options.out.empty() ? fmt::format("runs/{}-{}-estimate", network.name, hardware.name)
                          : options.out);
  auto result = result_head("estimate", network, recipe);
  result["hardware"] = hardware_section(hardware);
  result["run"] = run_section(command_line, batch);
  result["step"] = sim::to_json(step);
  write_result(result, folder, options.json);
  write_dram_trace(options.dram_trace, network, recipe, hardware, batch);
  fmt::print("{}, recipe {}\n", network.name, recipe.name);
  print_step(step, recipe, hardware);
  fmt::print("\nReport: {}/report.html\nResult: {}/result.json\n", folder, folder);
  return 0;
}

}  // namespace

void add_estimate(CLI::App& cli, const std::string& command_line, Run& run) {
  CLI::App* command =
      cli.add_subcommand("estimate",
                         "What one training step costs on a machine; needs no data\n"
                         "example: octet estimate fashion-cnn --hardware edge --batch 64");
  auto options = std::make_shared<Options>();
  add_step_options(*command, options->step);
  command->add_option("--out", options->out, "folder for result.json and report.html");
  command->add_option("--json", options->json, "also write the result to this file");
  add_dram_trace_options(*command, options->dram_trace);
  command->callback([options, command_line, &run] {
    run = [options, command_line] { return estimate(*options, command_line); };
  });
}

}  // namespace octet::app
