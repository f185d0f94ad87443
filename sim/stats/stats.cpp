#include "sim/stats/stats.hpp"

namespace octet::sim {

Counters& Counters::operator+=(const Counters& other) {
  cycles += other.cycles;
  dram_bytes += other.dram_bytes;
  sram_bytes += other.sram_bytes;
  macs += other.macs;
  port_cycles += other.port_cycles;
  for (int i = 0; i < kActivities; ++i) activity[i] += other.activity[i];
  return *this;
}

StepStats::StepStats(int layers, int phases, int units, int kinds, int scratchpads)
    : unit_time(static_cast<std::size_t>(units)),
      traffic(static_cast<std::size_t>(kinds)),
      pads(static_cast<std::size_t>(scratchpads)),
      layers_(layers),
      phases_(phases),
      units_(units),
      cells_(static_cast<std::size_t>(layers) * phases * units),
      waits_(static_cast<std::size_t>(units) * units) {}

Counters StepStats::of_phase(int layer, int phase) const {
  Counters sum;
  for (int u = 0; u < units_; ++u) sum += at(layer, phase, u);
  return sum;
}

Counters StepStats::of_layer(int layer) const {
  Counters sum;
  for (int p = 0; p < phases_; ++p) sum += of_phase(layer, p);
  return sum;
}

Counters StepStats::of_unit(int unit) const {
  Counters sum;
  for (int l = 0; l < layers_; ++l) {
    for (int p = 0; p < phases_; ++p) sum += at(l, p, unit);
  }
  return sum;
}

Counters StepStats::total() const {
  Counters sum;
  for (int l = 0; l < layers_; ++l) sum += of_layer(l);
  return sum;
}

}  // namespace octet::sim
