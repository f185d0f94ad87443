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
  double activates = 0.0;
};

// Runs of bytes in DRAM, the load or store commands that ask for them, the rows these open, and the
// cycles that they take at least.
struct Moves {
  std::int64_t commands = 0, runs = 0, bytes = 0;  // whole bursts
  double activates = 0.0, bus = 0.0;
  std::int64_t tiles = 0;  // that are loaded, each by a command or several
  void add(std::int64_t count, const Moves& other);
};

// The memory of a machine as tilings meet it.
class MemoryCosts {
 public:
  explicit MemoryCosts(const Hardware& hw);
  // `runs` of `run` bytes that begin `pitch` apart; whole bursts as they come on average.
  struct Stream {
    std::int64_t runs = 0, run = 0, pitch = 0, bytes = 0;
  };
  [[nodiscard]] Stream stream(std::int64_t runs, std::int64_t run, std::int64_t pitch) const;
  // A stream that so many commands ask for.
  [[nodiscard]] Moves moves(std::int64_t commands, const Stream& stream) const;
  // The same of one long run.
  [[nodiscard]] Moves long_runs(std::int64_t commands, std::int64_t run, std::int64_t step) const;
  [[nodiscard]] double bytes(std::int64_t bytes) const {  // cycles of the bus, rows apart
    return static_cast<double>(bytes) / bandwidth_;
  }
  [[nodiscard]] double time(const Moves& moves) const;  // of a DMA

 private:
  [[nodiscard]] double activates(std::int64_t commands, std::int64_t runs, std::int64_t run,
                                 std::int64_t pitch, std::int64_t bytes) const;
  // Shares of the channels and of the banks that runs of `run` bytes, `pitch` apart, meet in turn.
  struct Spread {
    double channels = 1.0, banks = 1.0;
  };
  [[nodiscard]] Spread spread(std::int64_t run, std::int64_t pitch) const;
  [[nodiscard]] double bus(std::int64_t bytes, double activates, const Spread& spread) const;
  std::int64_t burst_;
  RowStretch rows_;
  std::array<DramInterleave, 4> fields_{};
  int fields_used_ = 0;
  double bandwidth_, latency_, run_, activate_, row_cycle_;
  bool closed_page_ = false;
};

// What tilings of one product cost; in parts, since many tilings share them. References are kept.
class TilingCosts {
 public:
  TilingCosts(const Product& product, const Drain& drain, const Hardware& hw);
  // Of tilings that differ in pixels and loop order alone.
  struct Columns {
    std::int64_t slices = 1, source_slices = 1;  // of the depth, and those the source is loaded in
    std::int64_t tiles = 1, in_group = 1;        // of columns, and those of one group
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
  // Cycles with double buffering: the slowest of array, DMAs, bus, vector unit and accumulators;
  // the first load and the last drain on top. More compute cycles never make less of them.
  [[nodiscard]] double cycles(std::int64_t pixels, const Columns& columns,
                              const Transfers& transfers, double compute_cycles) const;
  // Compute cycles that no tiling is below.
  [[nodiscard]] double least_compute() const { return least_compute_; }

 private:
  const Product& p_;
  const Drain& drain_;
  const Hardware& hw_;
  MemoryCosts memory_;
  double vector_per_pass_;  // cycles of a pass over all results, its tiles' latency apart
  double least_compute_;
};

// What a mapping of a product costs. Pure, without allocation. The tiling must fit.
struct MappingCost {
  double cycles = 0.0;
  std::int64_t compute_cycles = 0;
  Transfers transfers;
  // What the search minimises: time, and a little for the bus, which the layers around it share.
  [[nodiscard]] double objective() const { return objective(cycles, transfers.bus); }
  [[nodiscard]] static double objective(double cycles, double bus) {
    return cycles + kBusWeight * bus;
  }
  static constexpr double kBusWeight = 0.05;
};
[[nodiscard]] MappingCost mapping_cost(const Product& product, const Drain& drain,
                                       const Mapping& mapping, const Hardware& hw);

}  // namespace octet::sim
