#pragma once
#include "sim/formula/formula.hpp"

namespace octet::sim {

// What stages cost on one machine.
class StageCosts {
 public:
  StageCosts(const Hardware& hardware, const StepOutline& outline);

  // A stage alone, from its first load: when its last load ends, and when it ends.
  struct Times {
    double first = 0.0;  // its first tile's loads
    double free = 0.0;   // those of them that wait for no earlier stage
    double loaded = 0.0, end = 0.0;
    bool loads = false;
    std::array<double, kUnits> busy{};
    double last = 0.0;  // from its last product, or its last tile's first operation, to its end
  };
  // Adds the stage's traffic and activity to `sum`. `mapping` is the product's.
  [[nodiscard]] Times add(const Stage& stage, const Mapping* mapping, StepCosts& sum) const;

 private:
  struct Ops {
    std::array<double, kUnits> busy{};
    double all = 0.0, slowest = 0.0;  // cycles of all units, and of the busiest one
  };
  [[nodiscard]] double op_cycles(const StageOp& op, double tiles) const;
  [[nodiscard]] Ops add_ops(const Stage& stage, double tiles, StepCosts& sum) const;
  [[nodiscard]] Times add_pass(const Stage& stage, StepCosts& sum) const;
  [[nodiscard]] Times add_product(const Stage& stage, const Mapping& mapping, StepCosts& sum) const;
  void add_array_traffic(const Product& product, const Mapping& mapping, std::int64_t parts,
                         StepCosts& sum) const;
  void add_moved(TensorKind kind, bool store, double bytes, StepCosts& sum) const;
  void add_sram(Activity access, const Scratchpad& pad, double bytes, StepCosts& sum) const;

  const Hardware& hw_;
  const StepOutline& outline_;
  MemoryCosts memory_;
  double burst_;
};

}  // namespace octet::sim
