#include "sim/stats/stats.hpp"

namespace octet::sim {

const char* activity_name(Activity activity) {
  switch (activity) {
    case Activity::kMac8x8:
      return "mac_8x8";
    case Activity::kMac8x16:
      return "mac_8x16";
    case Activity::kMacFp32:
      return "mac_fp32";
    case Activity::kMacFp16:
      return "mac_fp16";
    case Activity::kMacBf16:
      return "mac_bf16";
    case Activity::kInt32Multiply:
      return "int32_multiply";
    case Activity::kInt32Add:
      return "int32_add";
    case Activity::kFp32Multiply:
      return "fp32_multiply";
    case Activity::kFp32Add:
      return "fp32_add";
    case Activity::kDivide:
      return "divide_32";
    case Activity::kSramActivationRead:
      return "sram_activation_read";
    case Activity::kSramActivationWrite:
      return "sram_activation_write";
    case Activity::kSramWeightRead:
      return "sram_weight_read";
    case Activity::kSramWeightWrite:
      return "sram_weight_write";
    case Activity::kSramAccumulatorRead:
      return "sram_accumulator_read";
    case Activity::kSramAccumulatorWrite:
      return "sram_accumulator_write";
    case Activity::kDramRead:
      return "dram_read";
    case Activity::kDramWrite:
      return "dram_write";
    case Activity::kDramActivate:
      return "dram_activate";
    case Activity::kDramRefresh:
      return "dram_refresh";
    case Activity::kDramStandby:
      return "dram_standby";
    case Activity::kClock:
      return "clock";
    case Activity::kLeakArray:
      return "leakage_array";
    case Activity::kLeakUnits:
      return "leakage_units";
    case Activity::kLeakActivation:
      return "leakage_activation";
    case Activity::kLeakWeight:
      return "leakage_weight";
    case Activity::kLeakAccumulator:
      return "leakage_accumulator";
  }
  return "";
}

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
