#pragma once
#include <optional>
#include <string>
#include <vector>

#include "sim/estimate.hpp"

namespace octet::sim {

// The same step on the same machine with other cells in its array: docs/energy.md.
struct Baseline {
  Datapath datapath = Datapath::kInt8;
  // as_described; pe_equal: as many cells; area_equal: as many as fit into the silicon of the
  // integer array, rounded down.
  std::string sizing;
  int rows = 0, cols = 0;  // 0: not even one cell fits
  std::optional<StepEstimate> step;  // or why there is none:
  std::string problem;
};

// First the integer step itself, then float32, float16 and bfloat16, each PE-equal and area-equal.
// `own` is the estimate of the integer step; the others are found by its method. Throws
// octet::Error for a recipe of floats. A float step that does not fit the scratchpads, or an array
// without a cell, has a problem in the place of a step.
[[nodiscard]] std::vector<Baseline> run_baselines(const workloads::Network& network,
                                                  const model::Recipe& recipe,
                                                  const Hardware& hardware, int batch,
                                                  const StepEstimate& own);
// What a baseline costs over what the integer step costs: above 1 where 8 bits win. Energies come
// from one table and move together, so the bars span the ratios low to low, typical to typical and
// high to high.
struct AgainstInt8 {
  double time = 0.0, dram_bytes = 0.0, area = 0.0;
  Spread energy;
};
[[nodiscard]] AgainstInt8 against_int8(const StepEstimate& step, const StepEstimate& own);

// The list "baselines" of the result schema.
[[nodiscard]] nlohmann::json to_json(const std::vector<Baseline>& baselines);

}  // namespace octet::sim
