#pragma once
#include "sim/program/lowering/builder.hpp"

namespace octet::sim {

// What happens to a tile of wide results while it is still in the accumulators: a sum, masks,
// extremes, quantisation if the format is known, Range-BN sums, and the way to DRAM.
struct Sink {
  struct Mask {
    int codes = -1;  // the ReLU's output
    int layer = 0;
  };
  int addend = -1;  // added first; in DRAM
  std::vector<Mask> masks;
  int wide = -1;
  int source = -1;  // what the first mask reads, if not `wide` itself
  bool range = true;
  bool per_channel = false;  // the wide scale, hence the extremes
  bool store_wide = true;
  // Quantised copies made here: none unless the format is known.
  int codes = -1, codes16 = -1;  // activation or 8-bit copy; 16-bit copy
  std::int64_t codes_flags = 0, codes16_flags = 0;
  int format = -1;  // the scalar command that gives the formats
  bool store_codes16 = true;
  // Range BN on the codes.
  int stats_layer = -1;  // forward: statistics for this norm
  // Nodes that are done on the codes before these leave the chip: inference.
  struct Joined {
    Opcode op = Opcode::kRbnApply;  // or kAddCodes
    int layer = 0, out = -1;
    int other = -1;  // of an addition: its other input, in DRAM
    int ready = -1;  // of a norm: its constants are there
    std::int64_t flags = 0;
  };
  std::vector<Joined> joined;
  int sums_input = -1;  // backward: this norm input's codes, for the gradient sums
  int last = -1;        // out: the last operation (not a transfer) of the last tile
};

[[nodiscard]] std::int64_t bytes_per_element(const Builder& builder, const Sink& sink);
// What drain() does to each element of a product's results.
[[nodiscard]] Drain drain_of(const Builder& builder, const Sink& sink);
// The tile `set` is in `half` of the accumulators when `deps` have finished.
void drain(Builder& builder, Sink& sink, const ElementSet& set, Half& half, const Deps& deps);

// What draining so many elements adds to a tile.
void add_drain(const Drain& drain, std::int64_t elements, TileWork& tile);

// Elementwise pass over whole tensors through one pad, tile by tile.
struct Pass {
  Pad pad = Pad::kActivation;
  std::int64_t elements = 0;
  std::int64_t granule = 1;  // tiles hold a multiple of this
  std::int64_t bytes_per_element = 1;
  std::string what;
  // What a tile costs, for its size: loads, stores and commands, and what is drained with it.
  int transfers = 2, commands = 1;
  const Sink* sink = nullptr;
};
// body(set, half): emits loads, operations and stores of one tile.
void run_pass(Builder& builder, const Pass& pass,
              const std::function<void(const ElementSet&, Half&)>& body);

}  // namespace octet::sim
