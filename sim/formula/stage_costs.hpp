#pragma once
#include "sim/formula/formula.hpp"

namespace octet::sim {

// A stage by itself, in cycles from its first load on.
struct StageTimes {
  bool loads = false;
  double first_loads = 0.0;  // the first tile's, before its first operation
  double free_loads = 0.0;   // those of them that wait for no earlier stage
  double loaded = 0.0;       // the last load's end
  double end = 0.0;
  double last = 0.0;                      // from its last product to its end
  std::array<double, kUnits + 1> busy{};  // by unit; last the memory's bus
};

// Tiles of a pool, the load commands for each tensor that they read, and the elements of all these.
struct PoolReads {
  double tiles = 1.0, loads = 1.0, elements = 0.0;
  // Of tiles with a part of the channels: elements, and how often an image is gone through.
  std::int64_t run = 0, pitch = 0;
  double images = 0.0;
};

// What stages cost on one machine: docs/timing.md, "By formula".
class StageCosts {
 public:
  StageCosts(const Hardware& hardware, bool float32);
  // Adds the stage's traffic and activity to `sum`.
  [[nodiscard]] StageTimes add(const Stage& stage, const StagePlan& plan, StepCosts& sum) const {
    return stage.product ? add_product(stage, plan.mapping, sum) : add_pass(stage, plan, sum);
  }

 private:
  [[nodiscard]] StageTimes add_pass(const Stage& stage, const StagePlan& plan,
                                    StepCosts& sum) const;
  [[nodiscard]] StageTimes add_product(const Stage& stage, const Mapping& mapping,
                                       StepCosts& sum) const;
  // Cycles of all tiles, without the one that issuing each takes.
  [[nodiscard]] double op_cycles(const StageOp& op, double tiles) const;
  // Activity of the stage's operations; returns the cycles by unit.
  std::array<double, kUnits + 1> add_ops(const Stage& stage, double tiles, StepCosts& sum) const;
  void add_array(const Stage& stage, const Mapping& mapping, std::int64_t compute_cycles,
                 StepCosts& sum) const;
  void add_array_traffic(const Product& product, const Mapping& mapping, StepCosts& sum) const;
  [[nodiscard]] Moves long_moves(double commands, double bytes) const;
  [[nodiscard]] Moves window_moves(const PoolReads& reads, int element_bytes) const;
  void add_moved(TensorKind kind, bool store, double bytes, StepCosts& sum) const;
  void add_sram(Activity access, const Scratchpad& pad, double bytes, StepCosts& sum) const;
  // The scratchpad's side of a transfer.
  void add_pad_side(Pad pad, bool store, double bytes, StepCosts& sum) const;

  const Hardware& hw_;
  bool float32_;
  MemoryCosts memory_;
  double turnaround_;  // cycles in which the bus idles between a tile's stores and the next loads
};

}  // namespace octet::sim
