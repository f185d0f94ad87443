#pragma once
#include <array>

#include "sim/formula/step_outline.hpp"
#include "sim/mapping/search.hpp"
#include "sim/program/lowering/emitter.hpp"
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
  std::array<double, kActivities> activity{};
  [[nodiscard]] double& count(Activity what) { return activity[static_cast<std::size_t>(what)]; }
  // The same as counts, for EnergyPrices.
  [[nodiscard]] Counters counters() const;
};

// A lowering on some machine, with mappings of that machine.
using LowerOn = std::function<void(const Hardware& hardware, MappingCache& mappings,
                                   Program& program, Emitter& emitter)>;

// A training step as a formula: made once from its lowering, then asked for the costs on any
// machine that computes and stores the same values, as often as one likes.
class StepFormula {
 public:
  // Lowers the step once, on `like` with scratchpads that hold everything. Throws octet::Error as
  // that does.
  StepFormula(LowerOn lower, const Hardware& like);

  // How the lowering cuts the step for this machine. Throws octet::Error as the lowering does.
  [[nodiscard]] StepPlan plan(const Hardware& hardware, MappingCache& mappings) const;
  // The step on `hardware`, cut in this way. Where given, `by_stage` gets the cycles by which each
  // stage moves the end of the step; they add up to it. Throws octet::Error: another step's plan.
  [[nodiscard]] StepCosts costs(const Hardware& hardware, const StepPlan& plan,
                                std::vector<double>* by_stage = nullptr) const;
  [[nodiscard]] const StepOutline& outline() const { return outline_; }

 private:
  LowerOn lower_;
  StepOutline outline_;
};

}  // namespace octet::sim
