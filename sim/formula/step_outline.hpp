#pragma once
#include <optional>
#include <vector>

#include "sim/mapping/cost.hpp"
#include "sim/program/lowering/pool_tiles.hpp"
#include "sim/program/program.hpp"

namespace octet::sim {

// What one command does to all elements of a stage.
struct StageOp {
  Unit unit = Unit::kVector;
  double steps = 0.0, bytes = 0.0;      // of a streaming unit: lanes, and its scratchpad's port
  double written = 0.0;                 // of these bytes
  double multiplies = 0.0, adds = 0.0;  // int32
  double fp_multiplies = 0.0, fp_adds = 0.0;
  std::int64_t sets = 0;  // of scalar operations, all in one command; else 0
};

// What one transfer moves in all tiles of a stage.
struct StageMove {
  TensorKind kind = TensorKind::kActivation;
  bool store = false;
  Pad pad = Pad::kAccumulator;
  double bytes = 0.0;
  int element_bytes = 1;
};

// A loop over tiles: a product with what becomes of its results, a pass over elements, a pool, or a
// single command. It says what is to be done, for any machine; how it is cut is the plan's.
struct Stage {
  int layer = 0;
  Phase phase = Phase::kForward;
  // A product's. Its operands are no moves: how often they are read is the mapping's.
  std::optional<Product> product;
  Drain drain;
  TensorKind source = TensorKind::kActivation, weights = TensorKind::kWeight;
  double macs = 0.0;
  std::optional<PoolShape> pool;  // whose windows overlap, so that tiles read some rows again
  std::int64_t elements = 0;      // of a pass or a pool; 0: a single command
  std::vector<StageOp> ops;
  std::vector<StageMove> moves;
  enum class Step : std::uint8_t { kLoad, kOp, kStore };
  std::vector<Step> order;                           // of a tile's moves and operations
  std::vector<std::int32_t> loads_after, ops_after;  // earlier stages that these wait for
  int free_loads = 0;  // the first loads of a tile, that wait for none
};

// A step as stages, in the order of its commands.
struct StepOutline {
  std::vector<Stage> stages;
  std::vector<Layer> layers;
  bool float32 = false;
  std::int64_t live_bytes = 0;  // of DRAM, at most
};

// How one machine cuts a stage.
struct StagePlan {
  Mapping mapping;        // of a product
  std::int64_t tile = 0;  // elements of a pass
  PoolSize pool;
};
using StepPlan = std::vector<StagePlan>;

}  // namespace octet::sim
