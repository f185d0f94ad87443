#pragma once
#include <array>

#include "sim/mapping/compute.hpp"

namespace octet::sim {

// What happens to each result of a forward product or a data gradient on its way to DRAM.
struct Drain {
  std::array<std::int64_t, 6> moved_bytes{};  // element sizes of what is stored or loaded with it
  int moves = 0;
  std::int64_t passes = 0;  // vector and Range-BN commands that go over it
};

struct Mapping {
  Tiling tiling;
  Dataflow dataflow = Dataflow::kOutput;
  bool operator==(const Mapping&) const = default;
};

// The DRAM side of a tiling: whole bursts, and cycles of each direction and of the bus.
struct Transfers {
  std::int64_t bytes = 0, source_bytes = 0, weight_bytes = 0;
  std::int64_t source_fetches = 1, weight_fetches = 1;  // times that each operand is read
  double load = 0.0, store = 0.0, bus = 0.0;
  double first = 0.0;  // the first tile's loads, which nothing hides
};
[[nodiscard]] Transfers transfers_of(const Product& product, const Drain& drain,
                                     const Tiling& tiling, const Hardware& hw);

// Cycles with double buffering: the slowest of array, DMAs, bus, vector unit and accumulators; the
// first load and the last drain on top.
[[nodiscard]] double mapping_cycles(const Product& product, const Drain& drain,
                                    const Tiling& tiling, const Transfers& transfers,
                                    std::int64_t compute_cycles, const Hardware& hw);

// What a mapping of a product costs. Pure, without allocation. The tiling must fit.
struct MappingCost {
  double cycles = 0.0;
  std::int64_t compute_cycles = 0;
  Transfers transfers;
  // What the search minimises: time, and a little for the bus, which the layers around it share.
  [[nodiscard]] double objective() const { return cycles + kBusWeight * transfers.bus; }
  static constexpr double kBusWeight = 0.05;
};
[[nodiscard]] MappingCost mapping_cost(const Product& product, const Drain& drain,
                                       const Mapping& mapping, const Hardware& hw);

}  // namespace octet::sim
