#include <fmt/core.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "app/bench_result.hpp"
#include "app/commands.hpp"
#include "app/finite_range.hpp"
#include "app/result.hpp"
#include "common/file.hpp"
#include "model/kernels/kernels.hpp"
#include "model/trainer/widths.hpp"

namespace octet::app {
namespace {

struct Options {
  std::string workload = "resnet-20", recipe = "int8", json;
  bench::MeasureOptions measure;
  int batch = 0;  // the workload's own
  bool layers = false;
};

int run_bench(const Options& options, const std::string& command_line) {
  const workloads::Network network = workloads::find_network(options.workload);
  const model::Recipe recipe = model::find_recipe(options.recipe);
  bench::MeasureOptions how = options.measure;
  how.batch = options.batch > 0 ? options.batch : network.schedule.batch;
  if (!recipe.float32) model::check_widths(network, recipe, how.batch);
  const std::string isa = model::kernels().name;
  prepare_file(options.json);

  BenchRun run{network,
               recipe,
               how.batch,
               how.threads,
               bench::measure_steps(network, recipe, how),
               {},
               bench::measure_peaks(how.threads),
               {}};
  run.layers = bench::layer_times(network, recipe, how.batch, run.steps.clock,
                                  static_cast<int>(run.steps.clocked_seconds.size()));
  for (const bench::Peak& peak : run.peaks)
    if (peak.isa == isa && !recipe.float32) run.peak = peak;
  print_bench(run, options.layers);
  if (options.json.empty()) return 0;
  auto result = result_head("bench", network, recipe);
  result["run"] = run_section(command_line, how.batch);
  result["run"]["threads"] = how.threads;
  add_bench_sections(result, run);
  write_file(options.json, json_text(result));
  return 0;
}

}  // namespace

void add_bench(CLI::App& cli, const std::string& command_line, Run& run) {
  CLI::App* command = cli.add_subcommand("bench",
                                         "How fast whole training steps run here; needs no data\n"
                                         "example: octet bench resnet-20 --threads 2 --layers");
  auto options = std::make_shared<Options>();
  command->add_option("workload", options->workload, "a network's name or file")
      ->capture_default_str();
  command->add_option("--recipe", options->recipe, "recipe name or file")->capture_default_str();
  command->add_option("--batch", options->batch, "images a step (default: the workload's)")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--threads", options->measure.threads, "of the step and of the peak")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  CLI::Option* steps =
      command->add_option("--steps", options->measure.steps, "measure so many steps")
          ->check(CLI::Range(1, 1'000'000));
  command->add_option("--seconds", options->measure.seconds, "measure steps for so long")
      ->check(finite_range(0.01, 86400.0))
      ->excludes(steps)
      ->capture_default_str();
  command->add_option("--json", options->json, "write the result to this file");
  command->add_flag("--layers", options->layers, "print a table of the layers");
  command->callback([options, command_line, &run] {
    run = [options, command_line] { return run_bench(*options, command_line); };
  });
}

}  // namespace octet::app
