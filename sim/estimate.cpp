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
  return estimate_program(lower(network, recipe, hardware, batch), hardware);
}

StepEstimate estimate_program(const Program& program, const Hardware& hardware, MachineRun* run) {
  StepEstimate estimate;
  estimate.batch = program.batch;
  estimate.clock_hz = hardware.clock_hz;
  estimate.array_cells = std::int64_t{hardware.rows} * hardware.cols;
  estimate.gradient_passes =
      !program.float32 && hardware.gradient_datapath == GradientDatapath::kTwoPass ? 2 : 1;
  estimate.dram_bytes_per_second = hardware.dram.peak_bytes_per_second();
  estimate.pad_bytes = {hardware.activation.bytes, hardware.weight.bytes,
                        hardware.accumulator.bytes};
  const EnergyPrices prices(find_energy_table(hardware.technology), hardware);
  MachineRun done = run_machine(program, hardware);
  estimate.stats = done.stats;
  if (run != nullptr) *run = std::move(done);
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
