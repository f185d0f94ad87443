#pragma once
#include <array>

#include "sim/formula/step_outline.hpp"
#include "sim/mapping/search.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// What a step costs by formulas alone: docs/timing.md, "By formula", says how near.
struct StepCosts {
  double cycles = 0.0;
  double macs = 0.0, dram_bytes = 0.0, sram_bytes = 0.0;
  struct Traffic {
    double read = 0.0, written = 0.0;
  };
  std::array<Traffic, kTensorKinds> traffic{};  // whole bursts, as they come on average
  std::array<double, kActivities> activity{};   // of the whole step, for its energy
};

// A training step as a formula: made once from the lowering, then asked for the costs on any
// machine of the same cells and values, tens of thousands of times a second.
class StepFormula {
 public:
  // Lowers the step once, on `like` with scratchpads without end. Throws octet::Error as that does.
  StepFormula(const LowerOn& lower, const Hardware& like);

  // A mapping for each product, in their order. nullopt: some product fits no tiling.
  [[nodiscard]] std::optional<std::vector<Mapping>> map(MappingCache& mappings) const;
  // The step on `hardware` with these mappings. Where given, `by_stage` gets the cycles by which
  // each stage moves the end of the step.
  [[nodiscard]] StepCosts costs(const Hardware& hardware, const std::vector<Mapping>& mappings,
                                std::vector<double>* by_stage = nullptr) const;
  [[nodiscard]] const StepOutline& outline() const { return outline_; }

 private:
  StepOutline outline_;
};

}  // namespace octet::sim
