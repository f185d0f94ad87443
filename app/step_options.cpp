#include "app/step_options.hpp"

#include "model/trainer/widths.hpp"

namespace octet::app {

void add_set_option(CLI::App& command, std::vector<std::string>& set) {
  command
      .add_option("--set", set,
                  "a field of the recipe, such as bits.gradient=4; may be given again")
      ->type_name("FIELD=VALUE")
      ->allow_extra_args(false);
}

namespace {

constexpr const char* kTraining = "training";
constexpr const char* kInference = "inference";

sim::Scope scope_of(const std::string& forward) {
  if (forward.empty()) return sim::Scope::kStep;
  return forward == kInference ? sim::Scope::kInference : sim::Scope::kForward;
}

}  // namespace

void add_forward_option(CLI::App& command, std::string& forward) {
  command
      .add_flag("--forward{training}", forward,
                "the forward pass alone, as a training step does it; =inference: as a trained "
                "network does it, with known ranges and statistics (docs/timing.md)")
      ->check(CLI::IsMember({kTraining, kInference}));
}

void add_step_options(CLI::App& command, StepOptions& options) {
  command.add_option("workload", options.workload, "a network's name or file")->required();
  command.add_option("--recipe", options.recipe, "recipe name or file")->capture_default_str();
  add_set_option(command, options.set);
  command.add_option("--hardware", options.hardware, "machine name or file")->capture_default_str();
  command
      .add_option("--set-hardware", options.set_hardware,
                  "a field of the hardware file, such as array.rows=64; may be given again")
      ->type_name("FIELD=VALUE")
      ->allow_extra_args(false);
  command.add_option("--batch", options.batch, "images a step (default: the workload's)")
      ->check(CLI::Range(1, 1 << 20));
  add_forward_option(command, options.forward);
}

Step resolve(const StepOptions& options) {
  Step step{workloads::find_network(options.workload),
            model::find_recipe(options.recipe, options.set),
            sim::find_hardware(options.hardware, options.set_hardware), options.batch,
            scope_of(options.forward)};
  if (step.batch == 0) step.batch = step.network.schedule.batch;
  if (!step.recipe.float32) model::check_widths(step.network, step.recipe, step.batch);
  return step;
}

}  // namespace octet::app
