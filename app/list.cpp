#include <fmt/core.h>

#include "app/commands.hpp"
#include "model/quant/recipe.hpp"
#include "sim/config/dram_kinds.hpp"
#include "sim/config/hardware.hpp"
#include "workloads/graph/network.hpp"

namespace octet::app {

void add_list(CLI::App& cli, Run& run) {
  CLI::App* list =
      cli.add_subcommand("list", "Workloads, recipes, machines and memories that come with Octet");
  list->callback([&run] {
    run = [] {
      fmt::print("workloads\n");
      for (const auto& entry : workloads::list_networks())
        fmt::print("  {:22} {}\n", entry.name, entry.description);
      fmt::print("recipes\n");
      for (const auto& entry : model::list_recipes())
        fmt::print("  {:22} {}\n", entry.name, entry.file);
      fmt::print("hardware\n");
      for (const auto& entry : sim::list_hardware())
        fmt::print("  {:22} {}\n", entry.name, entry.description);
      fmt::print("memories\n");
      for (const std::string& kind : sim::dram_kinds()) fmt::print("  {}\n", kind);
      return 0;
    };
  });
}

}  // namespace octet::app
