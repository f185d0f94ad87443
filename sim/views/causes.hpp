#pragma once
#include <array>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

// Why a cycle passed: docs/views.md.
enum class Cause : std::uint8_t {
  kCompute,     // a unit computed
  kPort,        // a unit would have been faster with a wider scratchpad port
  kDram,        // only transfers ran, and the bus carried data
  kDependency,  // only transfers ran, and the bus carried none: latency, refresh, waiting in order
};
inline constexpr int kCauses = 4;
[[nodiscard]] const char* cause_name(Cause cause);

// The cycles that attribution gives to one layer and phase.
struct PhaseCauses {
  std::int64_t cycles = 0;
  std::array<std::int64_t, kUnits> by_unit{};  // adds up to cycles
  std::array<double, kCauses> by_cause{};      // the same, up to rounding
  [[nodiscard]] Cause bound_cause() const;     // the largest
  [[nodiscard]] Unit bound_unit() const;  // of the units that it concerns, the one with the most
};

// By (layer, phase), at layer * kPhases + phase; `intervals` hold each command's.
[[nodiscard]] std::vector<PhaseCauses> causes_of(const Program& program,
                                                 const std::vector<Interval>& intervals,
                                                 const Hardware& hardware);

}  // namespace octet::sim
