#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "sim/estimate.hpp"
#include "sim/views/causes.hpp"

namespace octet::sim {

// The same program's source on two machines: what each took, and why.
struct ComparedSide {
  Hardware hardware;
  StepEstimate estimate;
  std::vector<PhaseCauses> causes;
};

// One layer and phase of both.
struct ComparedPart {
  std::string layer;
  Phase phase = Phase::kForward;
  std::array<PhaseCauses, 2> causes;
  std::array<double, 2> seconds{};
  std::array<std::int64_t, 2> dram_bytes{};
  std::array<Spread, 2> joules{};
  Cause cause = Cause::kCompute;  // the one whose seconds differ most
  double cause_seconds = 0.0;     // by so much: B less A
  [[nodiscard]] double difference() const { return seconds[1] - seconds[0]; }
};

// The parts in which something happened, the largest difference in time first. Both sides have the
// same layers.
[[nodiscard]] std::vector<ComparedPart> compare_parts(const ComparedSide& a, const ComparedSide& b);
// "mac_array (compute 93 %)": the largest cause and the unit that it concerns most.
[[nodiscard]] std::string bound_text(const PhaseCauses& causes);
// Totals, phases, units, tensors and parts, `a`, `b` and `difference` (b - a) each: docs/views.md.
[[nodiscard]] nlohmann::ordered_json compare_json(const ComparedSide& a, const ComparedSide& b);

}  // namespace octet::sim
