#include "sim/mapping/cost.hpp"

#include <algorithm>
#include <numeric>

namespace octet::sim {
namespace {

// Runs of bytes in DRAM, the load or store commands that ask for them, and the rows these open.
struct Moves {
  std::int64_t commands = 0, runs = 0, bytes = 0;  // whole bursts
  double activates = 0.0;
  std::int64_t tiles = 0;  // that are loaded, each by a command or several
  void add(std::int64_t count, const Moves& other) {
    commands += count * other.commands;
    runs += count * other.runs;
    bytes += count * other.bytes;
    activates += static_cast<double>(count) * other.activates;
    tiles += count * other.tiles;
  }
};

// The memory as a tiling meets it.
class Memory {
 public:
  explicit Memory(const Dram& dram) : burst_(dram.burst_bytes), rows_(row_stretch(dram)) {}
  [[nodiscard]] std::int64_t burst() const { return burst_; }

  // `runs` of `run` bytes that begin `pitch` apart, asked for by `commands`; whole bursts as they
  // come on average.
  [[nodiscard]] Moves strided(std::int64_t commands, std::int64_t runs, std::int64_t run,
                              std::int64_t pitch) const {
    if (runs == 0 || run == 0) return {};
    if (run == pitch) {  // each command takes a part of one long run
      const std::int64_t bytes = ceil_div(runs * run, burst_) * burst_;
      return {commands, 1, bytes, activates(1, 1, bytes, 0, bytes), commands};
    }
    const std::int64_t step = std::gcd(std::gcd(pitch, run), burst_);
    const std::int64_t bytes =
        runs * (step == burst_ ? ceil_div(run, burst_) * burst_ : run + burst_ - step);
    return {commands, runs, bytes, activates(commands, runs, run, pitch, bytes), commands};
  }
  // Of a stretch that a command meets it opens a row in each bank, but no more than it has bursts.
  // These rows are taken to be closed when the next command comes back to them.
  [[nodiscard]] double activates(std::int64_t commands, std::int64_t runs, std::int64_t run,
                                 std::int64_t pitch, std::int64_t bytes) const {
    const auto count = static_cast<double>(commands), all = static_cast<double>(runs);
    const double length = static_cast<double>(rows_.bytes);
    const double runs_bytes = static_cast<double>(run) * all;
    const double stretches =
        pitch < rows_.bytes
            ? count +
                  (static_cast<double>(pitch) * std::max(0.0, all - count) + runs_bytes) / length
            : all + runs_bytes / length;
    const std::int64_t bursts = bytes / burst_;
    return std::min(stretches * static_cast<double>(rows_.banks), static_cast<double>(bursts));
  }

 private:
  std::int64_t burst_;
  RowStretch rows_;
};

// Source positions of all tiles of one axis together.
std::int64_t reached(const Product& p, const Axis& axis, std::int64_t size, std::int64_t tile,
                     std::int64_t taps) {
  const auto span = [&](std::int64_t first) {
    const Span part{first, std::min(tile, size - first)};
    return (p.forward_window() ? axis.inputs_of(part, {0, taps}) : axis.outputs_of(part)).count;
  };
  const std::int64_t tiles = ceil_div(size, tile);
  if (tiles == 1) return span(0);
  return span(0) + span((tiles - 1) * tile) + (tiles > 2 ? (tiles - 2) * span(tile) : 0);
}

// The source once for each tile of pixels, all groups, all slices if it is sliced.
Moves source_sweep(const Product& p, const Tiling& t, const Memory& memory) {
  const GemmShape& s = p.shape;
  std::int64_t taps_y = s.y.kernel;
  std::int64_t taps_x = s.x.kernel;
  std::int64_t slices = 1;
  std::int64_t repeats = 1;  // slices that read all channels again
  std::int64_t channels = t.groups * p.source_g();
  if (t.sliced) {
    const Parts parts = depth_parts(p, t);
    slices = parts.wholes + parts.rests;
    const std::int64_t row = s.x.kernel * s.in_g();
    if (!p.forward_window()) {
      channels = t.depth;
    } else if (t.depth >= row) {
      taps_y = std::min(s.y.kernel, t.depth / row);
      repeats = slices;
    } else {
      taps_y = taps_x = 1;
      repeats = s.taps();
      if (t.groups == 1) channels = std::min(t.depth, s.in_g());
    }
  }
  const std::int64_t rows =
      t.images > 1 ? p.source_height() : reached(p, s.y, p.height(), t.rows, taps_y);
  const std::int64_t columns =
      t.width == p.width() ? p.source_width() : reached(p, s.x, p.width(), t.width, taps_x);
  const std::int64_t tiles = pixel_tiles(p, t);
  const std::int64_t parts = ceil_div(p.source_c(), channels);
  const std::int64_t pitch = p.source_c() * p.source_bytes;
  Moves moves;
  const std::int64_t pixels = p.shape.batch * rows * columns;
  // Loads of a tile: one, or one a row if its rows are cut.
  const std::int64_t loads =
      tiles *
      (t.width == p.width() ? 1 : std::max<std::int64_t>(1, rows / ceil_div(p.height(), t.rows)));
  if (channels == p.source_c()) {  // whole pixels: long runs
    const std::int64_t run = std::max<std::int64_t>(1, pixels / loads) * pitch;
    const std::int64_t step = std::gcd(p.source_width() * pitch, memory.burst());
    const std::int64_t bytes = loads * (run + memory.burst() - step);
    moves = {loads, loads, bytes, memory.activates(1, 1, bytes, 0, bytes)};
  } else {
    moves = memory.strided(loads, pixels, channels * p.source_bytes, pitch);
  }
  moves.tiles = tiles;
  Moves all;
  all.add(repeats * parts, moves);
  return all;
}

// The weight operand once: all columns and slices, or for the weight gradient all tiles of pixels.
Moves weight_sweep(const Product& p, const Tiling& t, const Parts& depth, const Memory& memory) {
  const GemmShape& s = p.shape;
  const std::int64_t slices = depth.wholes + depth.rests;
  const std::int64_t columns = t.groups * t.columns;
  if (p.gemm == Gemm::kForward) {
    return memory.strided(column_tiles(p, t) * slices, s.out_c * slices,
                          std::min(t.depth, p.depth()) * p.weight_bytes,
                          p.depth() * p.weight_bytes);
  }
  if (p.gemm == Gemm::kDataGradient) {
    const std::int64_t parts = ceil_div(p.columns(), t.columns);
    return memory.strided(column_tiles(p, t) * slices, s.out_c * s.taps() * parts,
                          t.columns * p.weight_bytes, p.columns() * p.weight_bytes);
  }
  const std::int64_t parts = ceil_div(s.out_c, columns);
  return memory.strided(column_tiles(p, t) * pixel_tiles(p, t),
                        s.batch * p.height() * p.width() * parts, columns * p.weight_bytes,
                        s.out_c * p.weight_bytes);
}

// What leaves the accumulators, and what comes in for that.
Moves result_moves(const Product& p, const Drain& drain, const Tiling& t, const Parts& depth,
                   const Memory& memory) {
  const std::int64_t columns = t.groups * t.columns;
  const std::int64_t column_parts = column_tiles(p, t);
  if (p.gemm == Gemm::kWeightGradient) {
    const std::int64_t slices = depth.wholes + depth.rests;
    return memory.strided(column_parts * slices, p.shape.out_c * slices,
                          std::min(t.depth, p.depth()) * 4, p.depth() * 4);
  }
  const std::int64_t channels = p.columns() * p.shape.groups;
  const std::int64_t pixels = p.shape.batch * p.height() * p.width();
  Moves all;
  for (int i = 0; i < drain.moves; ++i) {
    const std::int64_t bytes = drain.moved_bytes[static_cast<std::size_t>(i)];
    all.add(1, memory.strided(column_parts * pixel_tiles(p, t), pixels * column_parts,
                              columns * bytes, channels * bytes));
  }
  return all;
}

struct Fetches {
  std::int64_t source, weight;  // sweeps
};

// How often each operand is swept: what stays in one of two halves is not loaded again.
Fetches fetches_of(const Product& p, const Tiling& t, const Parts& depth) {
  const std::int64_t pixels = pixel_tiles(p, t);
  const std::int64_t in_group = ceil_div(p.columns(), t.columns);
  const std::int64_t slices = depth.wholes + depth.rests;
  const std::int64_t source_slices = t.sliced ? slices : 1;
  if (p.gemm == Gemm::kWeightGradient) {
    const std::int64_t again = t.sliced ? in_group : in_group * slices;
    return {pixels * source_slices <= 2 ? 1 : again, pixels <= 2 ? 1 : slices};
  }
  if (t.pixels_outer) {
    return {source_slices <= 2 ? 1 : in_group, column_tiles(p, t) * slices <= 2 ? 1 : pixels};
  }
  return {pixels * source_slices <= 2 ? 1 : in_group, slices <= 2 ? 1 : pixels};
}

}  // namespace

Transfers transfers_of(const Product& p, const Drain& drain, const Tiling& t, const Hardware& hw) {
  const Parts depth = depth_parts(p, t);
  const Fetches fetches = fetches_of(p, t, depth);
  const Memory memory(hw.dram);
  Moves source, weight;
  source.add(fetches.source, source_sweep(p, t, memory));
  weight.add(fetches.weight, weight_sweep(p, t, depth, memory));
  const Moves results = result_moves(p, drain, t, depth, memory);
  const double bandwidth = hw.dram_bytes_per_cycle();
  const double latency = 1.0 + (hw.dram.t.rcd_rd + hw.dram.t.cl + hw.dram.burst_clocks + 2) *
                                   static_cast<double>(hw.clock_hz) /
                                   static_cast<double>(hw.dram.clock_hz);
  // A run a cycle, and no more at once than the memory holds.
  const double run = std::max(1.0, latency / hw.dma_in_flight);
  // A rank activates a row each tRRD, and four in tFAW.
  const double activate = std::max<double>(hw.dram.t.rrd_s, hw.dram.t.faw / 4.0) /
                          (hw.dram.channels * hw.dram.ranks) * static_cast<double>(hw.clock_hz) /
                          static_cast<double>(hw.dram.clock_hz);
  const auto bus = [&](const Moves& m) {
    return std::max(static_cast<double>(m.bytes) / bandwidth, activate * m.activates);
  };
  const auto time = [&](const Moves& m) {
    return std::max(bus(m), run * static_cast<double>(m.runs)) +
           latency * static_cast<double>(m.commands);
  };
  Transfers transfers;
  transfers.source_bytes = source.bytes;
  transfers.weight_bytes = weight.bytes;
  transfers.bytes = source.bytes + weight.bytes + results.bytes;
  transfers.source_fetches = fetches.source;
  transfers.weight_fetches = fetches.weight;
  transfers.load = time(source) + time(weight);
  transfers.store = time(results);
  transfers.bus = bus(source) + bus(weight) + bus(results);
  transfers.first = time(source) / static_cast<double>(source.tiles) +
                    time(weight) / static_cast<double>(weight.tiles);
  return transfers;
}

double mapping_cycles(const Product& p, const Drain& drain, const Tiling& t, const Transfers& moved,
                      std::int64_t compute_cycles, const Hardware& hw) {
  const Parts depth = depth_parts(p, t);
  const bool weights_made = p.gemm == Gemm::kWeightGradient;
  const std::int64_t tiles =
      column_tiles(p, t) * (weights_made ? depth.wholes + depth.rests : pixel_tiles(p, t));
  const std::int64_t made =
      weights_made ? p.shape.out_c * p.shape.reduction()
                   : p.shape.batch * p.height() * p.width() * p.columns() * p.shape.groups;
  const auto passes = static_cast<double>(weights_made ? 1 : drain.passes);
  const double vector = passes * (static_cast<double>(made) / hw.vector_lanes +
                                  static_cast<double>(tiles) * (hw.vector_depth + 1));
  const auto compute = static_cast<double>(compute_cycles);
  // A half of the accumulators is busy from the product to the last store.
  const double accumulators = (compute + vector + moved.store) / 2;
  const double last = (vector + moved.store) / static_cast<double>(tiles);
  // Two tiles of pixels that stay are both loaded for the first result, under one product of it.
  const double second =
      weights_made && pixel_tiles(p, t) == 2
          ? std::max(0.0, moved.first - compute / (2.0 * static_cast<double>(tiles)))
          : 0.0;
  return std::max({compute + second, moved.load, moved.store, moved.bus, vector, accumulators}) +
         moved.first + last;
}

MappingCost mapping_cost(const Product& p, const Drain& drain, const Mapping& mapping,
                         const Hardware& hw) {
  MappingCost cost;
  cost.transfers = transfers_of(p, drain, mapping.tiling, hw);
  cost.compute_cycles = compute_cycles(p, mapping.tiling, mapping.dataflow, hw);
  cost.cycles = mapping_cycles(p, drain, mapping.tiling, cost.transfers, cost.compute_cycles, hw);
  return cost;
}

}  // namespace octet::sim
