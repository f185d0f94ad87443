#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "model/quant/recipe.hpp"
#include "sim/config/hardware.hpp"
#include "sim/program/scope.hpp"
#include "workloads/graph/network.hpp"

namespace octet::app {

// What names one training step on one machine, for the commands that need no data.
struct StepOptions {
  std::string workload, recipe = "int8", hardware = "base";
  std::vector<std::string> set;           // FIELD=VALUE over the recipe
  std::vector<std::string> set_hardware;  // FIELD=VALUE over the hardware file
  int batch = 0;                          // 0: the workload's own
  std::string forward;                    // no step but its forward pass, or inference
};
void add_set_option(CLI::App& command, std::vector<std::string>& set);
// --forward, --forward=inference.
void add_forward_option(CLI::App& command, std::string& forward);
void add_step_options(CLI::App& command, StepOptions& options);

struct Step {
  workloads::Network network;
  model::Recipe recipe;
  sim::Hardware hardware;
  int batch = 0;
  sim::Scope scope = sim::Scope::kStep;
};
// Reads the files and checks the widths. Throws octet::Error.
[[nodiscard]] Step resolve(const StepOptions& options);

}  // namespace octet::app
