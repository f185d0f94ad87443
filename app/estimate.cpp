#include <fmt/core.h>

#include <memory>

#include "app/baselines.hpp"
#include "app/commands.hpp"
#include "app/estimate_modes.hpp"
#include "app/result.hpp"
#include "common/error.hpp"
#include "sim/program/lower.hpp"

namespace octet::app {
namespace {

std::string folder_end(sim::Scope scope) {
  return scope == sim::Scope::kStep ? "-estimate" : std::string("-") + sim::scope_name(scope);
}

int estimate(const EstimateOptions& options, const std::string& command_line) {
  if (options.gemm.empty() && options.step.workload.empty()) {
    throw usage_error("workload", "none", "a network's name or file, or --gemm M,N,K");
  }
  if (!options.trace_layers.empty() && options.trace.empty() && options.vcd.empty())
    throw usage_error("--trace-layers", "neither --trace nor --vcd", "one of them");
  if (!options.reference.empty()) return estimate_reference(options);
  if (!options.compare.empty()) return estimate_compare(options, command_line);
  if (options.scale_out.chips > 0) return estimate_scale_out(options, command_line);
  if (!options.gemm.empty()) return estimate_gemm(options, command_line);
  const Step resolved = resolve(options.step);
  const workloads::Network& network = resolved.network;
  const model::Recipe& recipe = resolved.recipe;
  const int batch = resolved.batch;
  if (options.baselines && recipe.float32)
    throw usage_error("--baselines", "recipe " + recipe.name, "a recipe of integers");
  if (options.baselines && !options.activity.empty())
    throw usage_error("--baselines", "--activity beside it",
                      "one of them: no float operands were measured");
  prepare_file(options.json);
  prepare_file(options.dram_trace.file);
  const sim::Hardware hardware = with_tables(sim::machine_for(recipe, resolved.hardware), options);
  sim::MappingCache mappings(hardware, sim::MappingStrategy::kSearch);
  const sim::StepEstimate step = estimate_and_show(
      [&](sim::Program& to, sim::Emitter& emitter) {
        sim::lower_to(network, recipe, hardware, batch, false, mappings, to, emitter,
                      resolved.scope);
      },
      hardware, options);
  const std::string folder = prepare_folder(
      options.out.empty()
          ? default_folder(network.name + "-" + hardware.name + folder_end(resolved.scope))
          : options.out);
  auto result = result_head("estimate", network, recipe);
  result["hardware"] = hardware_section(hardware);
  result["run"] = run_section(command_line, batch);
  result["step"] = sim::to_json(step);
  std::vector<sim::Baseline> baselines;
  if (options.baselines) {
    baselines = sim::run_baselines(network, recipe, hardware, batch, step);
    result["step"]["baselines"] = sim::to_json(baselines);
  }
  write_result(result, folder, options.json);
  write_dram_trace(options.dram_trace, hardware, [&] {
    return sim::lower(network, recipe, hardware, batch, false, sim::MappingStrategy::kSearch,
                      resolved.scope);
  });
  fmt::print("{}, recipe {}\n", network.name, recipe.name);
  if (options.baselines) print_baselines(baselines);
  print_step(step, recipe, hardware);
  fmt::print("\nReport: {}/report.html\nResult: {}/result.json\n", folder, folder);
  return 0;
}

// What a mode of its own has no use for, or no place for in its result.
void exclude_what_modes_ignore(CLI::App& command) {
  const auto refuse = [&](const char* mode, std::initializer_list<const char*> others) {
    for (const char* other : others) command.get_option(mode)->excludes(command.get_option(other));
  };
  refuse("--gemm", {"--activity", "--baselines", "--forward"});
  refuse("--compare", {"--baselines", "--dram-trace"});
  refuse("--chips", {"--baselines", "--dram-trace", "--forward"});
  refuse("--reference", {"--energy", "--activity", "--baselines", "--dram-trace", "--forward"});
  refuse("--unpadded", {"--gemm"});
  refuse("--array", {"--hardware", "--set-hardware"});
  refuse("--unfolded", {"--closed-form", "--reference", "--compare", "--chips"});
}

}  // namespace

sim::Hardware with_tables(sim::Hardware hardware, const EstimateOptions& options) {
  hardware.energy_file = options.energy;
  hardware.activity_file = options.activity;
  return hardware;
}

void add_estimate(CLI::App& cli, const std::string& command_line, Run& run) {
  CLI::App* command =
      cli.add_subcommand("estimate",
                         "What one training step costs on a machine; needs no data\n"
                         "example: octet estimate fashion-cnn --hardware edge --batch 64");
  auto options = std::make_shared<EstimateOptions>();
  add_step_options(*command, options->step);
  command
      ->add_option("--energy", options->energy,
                   "an energy table in the place of the technology's: Octet's format "
                   "(docs/energy.md) or an Accelergy ERT")
      ->type_name("FILE");
  command
      ->add_option("--activity", options->activity,
                   "how often operand bits change, as octet train --activity measures it")
      ->type_name("FILE");
  command->add_flag("--baselines", options->baselines,
                    "the same machine with float32, float16 and bfloat16 cells beside it");
  command->add_option("--out", options->out, "folder for result.json and report.html");
  command->add_option("--json", options->json, "also write the result to this file");
  add_gemm_options(*command, *options);
  add_view_options(*command, *options);
  add_reference_options(*command, *options);
  add_compare_options(*command, *options);
  add_dram_trace_options(*command, options->dram_trace);
  add_scale_out_options(*command, *options);
  add_closed_form_options(*command, *options);
  command->add_flag(
      "--unfolded", options->unfolded,
      "work out every DRAM burst by itself, without shortcuts: the same result, more slowly");
  exclude_what_modes_ignore(*command);
  command->callback([options, command_line, &run] {
    run = [options, command_line] { return estimate(*options, command_line); };
  });
}

}  // namespace octet::app
