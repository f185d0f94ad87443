#include <fmt/core.h>

#include <memory>

#include "app/commands.hpp"
#include "common/file.hpp"
#include "model/trainer/widths.hpp"
#include "sim/program/lower.hpp"

namespace octet::app {
namespace {

struct Options {
  std::string workload, recipe = "int8", hardware = "base", out;
  int batch = 0;
};

int print(const Options& options) {
  const workloads::Network network = workloads::find_network(options.workload);
  const int batch = options.batch > 0 ? options.batch : network.schedule.batch;
  const model::Recipe recipe = model::find_recipe(options.recipe);
  const sim::Hardware hardware = sim::find_hardware(options.hardware);
  if (!recipe.float32) model::check_widths(network, recipe, batch);
  const std::string text = sim::print_program(sim::lower(network, recipe, hardware, batch));
  if (options.out.empty())
    fmt::print("{}", text);
  else
    write_file(options.out, text);
  return 0;
}

}  // namespace

void add_program(CLI::App& cli, Run& run) {
  CLI::App* command =
      cli.add_subcommand("program",
                         "The commands of one training step, a line each (docs/program.md)\n"
                         "example: octet program fashion-cnn --hardware edge --batch 4");
  auto options = std::make_shared<Options>();
  command->add_option("workload", options->workload, "a network's name or file")->required();
  command->add_option("--recipe", options->recipe, "recipe name or file")->capture_default_str();
  command->add_option("--hardware", options->hardware, "machine name or file")
      ->capture_default_str();
  command->add_option("--batch", options->batch, "images a step (default: the workload's)")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--out", options->out, "file (default: standard output)");
  command->callback([options, &run] { run = [options] { return print(*options); }; });
}

}  // namespace octet::app
