#include "sim/estimate.hpp"

#include "common/error.hpp"
#include "sim/energy/step_counts.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

const Spread& StepEstimate::energy(int layer, int phase, int unit) const {
  const std::size_t i =
      (static_cast<std::size_t>(layer) * stats.phases() + phase) * stats.units() + unit;
  return cell_joules[i];
}

Spread StepEstimate::energy() const {
  Spread sum;
  for (const Spread& cell : cell_joules) sum += cell;
  return sum;
}

double StepEstimate::joules(int layer, int phase, int unit) const {
  return energy(layer, phase, unit).typical;
}

double StepEstimate::joules() const { return energy().typical; }

double StepEstimate::utilisation() const {
  const double slots = static_cast<double>(array_cells) * static_cast<double>(stats.cycles);
  return slots > 0.0 ? static_cast<double>(stats.total().macs) / slots : 0.0;
}

StepEstimate estimate_step(const workloads::Network& network, const model::Recipe& recipe,
                           const Hardware& described, int batch) {
  if (!recipe.float32 && described.datapath != Datapath::kInt8)
    throw input_error(described.file, "array.datapath", datapath_name(described.datapath),
                      "int8 for recipe " + recipe.name);
  const Datapath datapath = datapath_of(described, recipe.float32);
  // Ports that feed 8-bit cells would starve floating ones.
  const Hardware hardware = recipe.float32 ? float_machine(described, datapath) : described;
  StepEstimate estimate;
  estimate.batch = batch;
  estimate.clock_hz = hardware.clock_hz;
  estimate.array_cells = std::int64_t{hardware.rows} * hardware.cols;
  const EnergyTable table = energy_table_of(hardware);
  estimate.energy_table = table.name;
  const EnergyPrices prices(table, hardware, datapath);
  estimate.area = area_of(table, hardware, datapath);
  const Program program = lower(network, recipe, hardware, batch);
  estimate.stats = run_machine(program, hardware).stats;
  give_out_step_counts(estimate.stats, hardware, kDramUnit, kStandingUnit);
  for (const Layer& layer : program.layers) estimate.layers.push_back({layer.name, layer.op});
  for (int i = 0; i < kActivities; ++i) {
    estimate.prices.push_back(prices.row(static_cast<Activity>(i)));
  }
  for (int l = 0; l < estimate.stats.layers(); ++l) {
    for (int p = 0; p < estimate.stats.phases(); ++p) {
      for (int u = 0; u < estimate.stats.units(); ++u) {
        estimate.cell_joules.push_back(prices.joules(estimate.stats.at(l, p, u)));
      }
    }
  }
  return estimate;
}

}  // namespace octet::sim
