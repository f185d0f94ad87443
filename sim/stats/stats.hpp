#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "sim/dram/counters.hpp"

namespace octet::sim {

// What costs energy, counted. A scratchpad's access is of one bank's port.
enum class Activity : std::uint8_t {
  kMac8x8,
  kMac8x16,
  kMacFp32,
  kMacFp16,
  kMacBf16,
  kInt32Multiply,
  kInt32Add,
  kFp32Multiply,
  kFp32Add,
  kDivide,
  kSramActivationRead,
  kSramActivationWrite,
  kSramWeightRead,
  kSramWeightWrite,
  kSramAccumulatorRead,
  kSramAccumulatorWrite,
  kDramRead,        // 64-bit words
  kDramWrite,       // 64-bit words
  kDramActivate,    // rows of one channel, their precharge included
  kDramRefresh,     // all banks of one channel
  kDramStandby,     // cycles
  kClock,           // register bits x cycles of a unit at work
  kLeakArray,       // cycles
  kLeakUnits,       // cycles
  kLeakActivation,  // cycles
  kLeakWeight,      // cycles
  kLeakAccumulator  // cycles
};
inline constexpr int kActivities = static_cast<int>(Activity::kLeakAccumulator) + 1;
// As energy tables and results name it.
[[nodiscard]] const char* activity_name(Activity activity);

// Counts of one layer, phase and unit.
struct Counters {
  std::int64_t cycles = 0;      // attributed: each cycle of the step belongs to one command
  std::int64_t dram_bytes = 0;  // moved on the bus, whole bursts
  std::int64_t sram_bytes = 0;
  std::int64_t macs = 0;
  std::int64_t port_cycles = 0;  // at work for want of scratchpad ports, not of lanes
  std::array<std::int64_t, kActivities> activity{};
  Counters& operator+=(const Counters& other);
};

struct UnitTime {
  std::int64_t busy = 0;   // executing a command
  std::int64_t stall = 0;  // between its first and its last command, waiting
};

struct Traffic {
  std::int64_t read = 0, written = 0;  // bytes moved on the DRAM bus
  std::int64_t refetched = 0;          // of those read, by a product that had read them before
};

// How full a scratchpad was.
struct PadUse {
  std::int64_t peak_bytes = 0;
  double mean_bytes = 0.0;  // over the cycles of the step
};

// One step's counts. Sizes are run-time numbers, so that this knows no program.
class StepStats {
 public:
  StepStats() = default;
  StepStats(int layers, int phases, int units, int kinds, int scratchpads);
  std::int64_t cycles = 0;
  std::int64_t commands = 0;
  std::int64_t live_bytes = 0;  // the most that tensors hold of the DRAM at once
  DramCounters dram;
  std::vector<UnitTime> unit_time;  // by unit
  std::vector<Traffic> traffic;     // by tensor kind
  std::vector<PadUse> pads;         // by scratchpad
  // Cycles that `unit` waited for `cause`.
  [[nodiscard]] std::int64_t& wait(int unit, int cause) { return waits_[unit * units_ + cause]; }
  [[nodiscard]] std::int64_t wait(int unit, int cause) const {
    return waits_[unit * units_ + cause];
  }
  [[nodiscard]] Counters& at(int layer, int phase, int unit) {
    return cells_[index(layer, phase, unit)];
  }
  [[nodiscard]] const Counters& at(int layer, int phase, int unit) const {
    return cells_[index(layer, phase, unit)];
  }
  [[nodiscard]] Counters of_layer(int layer) const;
  [[nodiscard]] Counters of_phase(int layer, int phase) const;
  [[nodiscard]] Counters of_unit(int unit) const;
  [[nodiscard]] Counters total() const;
  [[nodiscard]] int layers() const { return layers_; }
  [[nodiscard]] int phases() const { return phases_; }
  [[nodiscard]] int units() const { return units_; }

 private:
  [[nodiscard]] std::size_t index(int layer, int phase, int unit) const {
    return (static_cast<std::size_t>(layer) * phases_ + phase) * units_ + unit;
  }
  int layers_ = 0, phases_ = 0, units_ = 0;
  std::vector<Counters> cells_;
  std::vector<std::int64_t> waits_;
};

}  // namespace octet::sim
