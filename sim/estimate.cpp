#include "sim/estimate.hpp"

#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

double StepEstimate::joules(int layer, int phase, int unit) const {
  const std::size_t i =
      (static_cast<std::size_t>(layer) * stats.phases() + phase) * stats.units() + unit;
  return cell_joules[i];
}

double StepEstimate::joules() const {
  double sum = 0.0;
  for (const double cell : cell_joules) sum += cell;
  return sum;
}

double StepEstimate::utilisation() const {
  const double slots = static_cast<double>(array_cells) * static_cast<double>(stats.cycles);
  return slots > 0.0 ? static_cast<double>(stats.total().macs) / slots : 0.0;
}

StepEstimate estimate_step(const workloads::Network& network, const model::Recipe& recipe,
                           const Hardware& hardware, int batch) {
  StepEstimate estimate;
  estimate.batch = batch;
  estimate.clock_hz = hardware.clock_hz;
  estimate.array_cells = std::int64_t{hardware.rows} * hardware.cols;
  const EnergyPrices prices(find_energy_table(hardware.technology), hardware);
  const Program program = lower(network, recipe, hardware, batch);
  estimate.stats = run_machine(program, hardware).stats;
  estimate.mappings = program.mappings;
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
