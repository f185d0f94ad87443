#include <fmt/core.h>

#include <memory>

#include "app/commands.hpp"
#include "app/result.hpp"
#include "model/trainer/widths.hpp"

namespace octet::app {
namespace {

struct Options {
  std::string workload, recipe = "int8", hardware = "base", out, json;
  int batch = 0;
};

int estimate(const Options& options, const std::string& command_line) {
  const workloads::Network network = workloads::find_network(options.workload);
  const model::Recipe recipe = model::find_recipe(options.recipe);
  const sim::Hardware hardware = sim::find_hardware(options.hardware);
  const int batch = options.batch > 0 ? options.batch : network.schedule.batch;
  if (!recipe.float32) model::check_widths(network, recipe, batch);
  const sim::StepEstimate step = sim::estimate_step(network, recipe, hardware, batch);
  const std::string folder = prepare_folder(
      options.out.empty() ? fmt::format("runs/{}-{}-estimate", network.name, hardware.name)
                          : options.out);
  auto result = result_head("estimate", network, recipe);
  result["hardware"] = hardware_section(hardware);
  result["run"] = run_section(command_line, batch);
  result["step"] = sim::to_json(step);
  write_result(result, folder, options.json);
  fmt::print("{}, recipe {}\n", network.name, recipe.name);
  print_step(step, hardware);
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
  command->add_option("workload", options->workload, "a network's name or file")->required();
  command->add_option("--recipe", options->recipe, "recipe name or file")->capture_default_str();
  command->add_option("--hardware", options->hardware, "machine name or file")
      ->capture_default_str();
  command->add_option("--batch", options->batch, "images a step (default: the workload's)")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--out", options->out, "folder for result.json and report.html");
  command->add_option("--json", options->json, "also write the result to this file");
  command->callback([options, command_line, &run] {
    run = [options, command_line] { return estimate(*options, command_line); };
  });
}

}  // namespace octet::app
