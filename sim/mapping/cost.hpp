#pragma once
#include <array>

#include "sim/mapping/compute.hpp"
#include "sim/mapping/memory_cost.hpp"

namespace octet::sim {

// What happens to each result of a product on its way to DRAM.
struct Drain {
  std::array<std::int64_t, 6> moved_bytes{};  // element sizes of what is stored or loaded with it
  int moves = 0;
  // Vector commands that go over it: bytes that each reads and writes at the accumulators' port.
  std::array<std::int64_t, 6> pass_bytes{};
  int passes = 0;
  // The Range-BN command among them, if any: bytes at the activation scratchpad's port.
  std::int64_t range_bn_bytes = 0;
  void add_move(std::int64_t bytes);  // no more than there is room for: the rest are left out
  void add_pass(std::int64_t bytes);
};

struct Mapping {
  Tiling tiling;
  Dataflow dataflow = Dataflow::kOutput;
  bool operator==(const Mapping&) const = default;
};

// The DRAM side of a tiling: whole bursts, and cycles of each direction and of the bus.
struct Transfers {
  std::int64_t bytes = 0, source_bytes = 0, weight_bytes = 0;
  std::int64_t source_payload = 0, weight_payload = 0;  // of these bursts, what is asked for
  std::int64_t source_fetches = 1, weight_fetches = 1;  // times that each operand is read
  double load = 0.0, store = 0.0, bus = 0.0;
  double first = 0.0;  // the first tile's loads, which nothing hides
  double activates = 0.0;
};

// What tilings of one product cost; in parts, since many tilings share them. References are kept.
class TilingCosts {
 public:
  TilingCosts(const Product& product, const Drain& drain, const Hardware& hw);
  // Of tilings that differ in pixels and loop order alone.
  struct Columns {
    std::int64_t slices = 1, source_slices = 1;  // of the depth, and those the source is loaded in
    std::int64_t tiles = 1, in_group = 1;        // of columns, and those of one group
    // Slices that come as so many whole ones and a rest, again and again; parts of their sum.
    double wholes = 1.0, whole = 1.0, rest = 0.0;
    MemoryCosts::Stream weights;
    std::array<MemoryCosts::Stream, 6> results;
    int result_streams = 0;
    std::int64_t result_bytes = 0;
  };
  [[nodiscard]] Columns columns(const Tiling& tiling) const;
  // The source once for each tile of pixels, all groups, all slices if it is sliced. The same for
  // all columns, and for all depths that are not sliced.
  [[nodiscard]] Moves source(const Tiling& tiling) const;
  // How often each operand is swept: what stays in one of two halves is not loaded again.
  struct Fetches {
    std::int64_t source = 1, weights = 1;
  };
  [[nodiscard]] Fetches fetches(const Tiling& tiling, std::int64_t pixels,
                                const Columns& columns) const;
  // Cycles of the bus that Transfers::bus is not below, sooner than that.
  [[nodiscard]] double least_bus(const Fetches& fetches, const Columns& columns,
                                 const Moves& source) const;
  // The DRAM side of a tiling, `pixels` its tiles of pixels.
  [[nodiscard]] Transfers transfers(std::int64_t pixels, const Columns& columns,
                                    const Moves& source, const Fetches& fetches) const;
  // Cycles with double buffering: the slowest of array, DMAs, bus, vector and Range-BN unit,
  // accumulators; the first load and the last drain on top. More compute cycles never make less of
  // them.
  [[nodiscard]] double cycles(std::int64_t pixels, const Columns& columns,
                              const Transfers& transfers, double compute_cycles) const;
  // Compute cycles that no tiling is below.
  [[nodiscard]] double least_compute() const { return least_compute_; }

 private:
  // Streams of so many elements for what the drain moves.
  void add_results(std::int64_t runs, std::int64_t run, std::int64_t pitch, Columns& columns) const;
  const Product& p_;
  const Drain& drain_;
  const Hardware& hw_;
  MemoryCosts memory_;
  double vector_ = 0.0;    // cycles of all passes over all results, their tiles' latency apart
  double range_bn_ = 0.0;  // the same of the Range-BN unit
  double least_compute_;
};

// What a mapping of a product costs. Pure, without allocation. The tiling must fit.
struct MappingCost {
  double cycles = 0.0;
  std::int64_t compute_cycles = 0;
  Transfers transfers;
  // What the search minimises: time, and a little for the bus, which the layers around it share,
  // and for the array, since what is slower hides it never quite.
  [[nodiscard]] double objective() const {
    return objective(cycles, transfers.bus, static_cast<double>(compute_cycles));
  }
  [[nodiscard]] static double objective(double cycles, double bus, double compute) {
    return cycles + kBusWeight * bus + kComputeWeight * compute;
  }
  static constexpr double kBusWeight = 0.05, kComputeWeight = 0.05;
};
[[nodiscard]] MappingCost mapping_cost(const Product& product, const Drain& drain,
                                       const Mapping& mapping, const Hardware& hw);

}  // namespace octet::sim
