#pragma once
#include <nlohmann/json.hpp>

#include "model/quant/recipe.hpp"
#include "sim/config/hardware.hpp"
#include "sim/energy/energy.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"
#include "workloads/graph/network.hpp"

namespace octet::sim {

// Time, traffic and energy of one training step.
struct StepEstimate {
  int batch = 0;
  std::int64_t clock_hz = 0;
  std::int64_t array_cells = 0;  // multipliers
  StepStats stats;
  struct LayerName {
    std::string name, op;
  };
  std::vector<LayerName> layers;
  std::vector<LayerMapping> mappings;  // of the products, by layer and phase
  std::vector<EnergyRow> prices;       // by activity
  std::vector<double> cell_joules;     // by (layer, phase, unit), as StepStats lays them out
  [[nodiscard]] double joules(int layer, int phase, int unit) const;
  [[nodiscard]] double joules() const;
  [[nodiscard]] double seconds() const {
    return static_cast<double>(stats.cycles) / static_cast<double>(clock_hz);
  }
  [[nodiscard]] double utilisation() const;  // multiply-accumulates of those the array could do
};

// Lowers one step, runs it on the machine, prices it. Throws octet::Error.
[[nodiscard]] StepEstimate estimate_step(const workloads::Network& network,
                                         const model::Recipe& recipe, const Hardware& hardware,
                                         int batch);
// The object "step" of the result schema.
[[nodiscard]] nlohmann::json to_json(const StepEstimate& estimate);

}  // namespace octet::sim
