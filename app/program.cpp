#include <fmt/core.h>

#include <memory>

#include "app/commands.hpp"
#include "app/step_options.hpp"
#include "common/file.hpp"
#include "sim/program/lower.hpp"

namespace octet::app {
namespace {

struct Options {
  StepOptions step;
  std::string out;
};

int print(const Options& options) {
  const auto [network, recipe, hardware, batch, scope] = resolve(options.step);
  const std::string text = sim::print_program(
      sim::lower(network, recipe, hardware, batch, false, sim::MappingStrategy::kSearch, scope));
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
  add_step_options(*command, options->step);
  command->add_option("--out", options->out, "file (default: standard output)");
  command->callback([options, &run] { run = [options] { return print(*options); }; });
}

}  // namespace octet::app
