#pragma once
#include <optional>
#include <vector>

#include "sim/mapping/search.hpp"
#include "sim/program/lowering/emitter.hpp"
#include "sim/program/lowering/pool_tiles.hpp"
#include "sim/timing/costs.hpp"

namespace octet::sim {

// Work of one unit in a stage, for all of its elements.
struct StageOp {
  Unit unit = Unit::kVector;
  double steps = 0.0, bytes = 0.0;         // of a streaming unit
  double written = 0.0;                    // of the bytes
  double multiplies = 0.0, adds = 0.0;     // int32
  double fp_multiplies = 0.0, fp_adds = 0.0;
  std::int64_t sets = 0;                   // of a scalar command: sets of operations, all in one
};

// A tensor that a stage moves, whole; on a product, what is moved with its results.
struct StageMove {
  TensorKind kind = TensorKind::kActivation;
  bool store = false;
  Pad pad = Pad::kAccumulator;
  double bytes = 0.0;
  int element_bytes = 1;
};

// One loop over tiles: a product with what becomes of its results, a pass over elements, or a
// single command. It says what is to be done, for any machine; how it is cut is the machine's.
struct Stage {
  int layer = 0;
  Phase phase = Phase::kForward;
  std::optional<Product> product;
  Drain drain;
  TensorKind source = TensorKind::kActivation, weights = TensorKind::kWeight;  // a product's
  double macs = 0.0;
  std::optional<PoolShape> pool;  // whose windows overlap, so that tiles read some rows again
  // Of a pass; 0 elements: a single command.
  Pad pad = Pad::kAccumulator;
  std::int64_t elements = 0, granule = 1, bytes_per_element = 0;
  std::vector<StageOp> ops;
  std::vector<StageMove> moves;
  enum class Step : std::uint8_t { kLoad, kOp, kStore };
  std::vector<Step> order;  // of a tile's moves and operations
  std::vector<std::int32_t> loads_after, ops_after;  // earlier stages that these wait for
  int free_loads = 0;  // the first loads of a tile, that wait for none
};

// A training step as stages.
struct StepOutline {
  std::vector<Stage> stages;
  std::vector<Layer> layers;
  bool float32 = false;
  int batch = 0;
};

// Which lowering, on which machine, with which mappings.
using LowerOn = std::function<void(const Hardware& hardware, MappingCache& mappings,
                                   Program& program, Emitter& emitter)>;

}  // namespace octet::sim
