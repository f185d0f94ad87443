#include "sim/mapping/cost.hpp"

#include <algorithm>

namespace octet::sim {
namespace {

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

// No more multiply-accumulates than the array sees. Tiles of a data gradient may begin at any
// residue of the stride, so each position counts as the one of fewest taps.
double least_macs(const Product& p) {
  const GemmShape& s = p.shape;
  const auto pairs = static_cast<double>(s.batch * s.groups) * static_cast<double>(s.in_g()) *
                     static_cast<double>(s.out_g()) * static_cast<double>(p.height() * p.width());
  if (p.forward_window()) return pairs * static_cast<double>(s.taps());
  const auto taps = [](const Axis& axis) {
    std::int64_t least = axis.kernel;
    for (std::int64_t r = 0; r < axis.stride; ++r) least = std::min(least, axis.taps_at(r));
    return static_cast<double>(least);
  };
  return pairs * taps(s.y) * taps(s.x);
}

}  // namespace

void Drain::add_move(std::int64_t bytes) {
  if (moves < static_cast<int>(moved_bytes.size()))
    moved_bytes[static_cast<std::size_t>(moves++)] = bytes;
}

void Drain::add_pass(std::int64_t bytes) {
  if (passes < static_cast<int>(pass_bytes.size()))
    pass_bytes[static_cast<std::size_t>(passes++)] = bytes;
}

TilingCosts::TilingCosts(const Product& product, const Drain& drain, const Hardware& hw)
    : p_(product), drain_(drain), hw_(hw), memory_(hw) {
  const Product& p = product;
  const bool weights_made = p.gemm == Gemm::kWeightGradient;
  const std::int64_t made =
      weights_made ? p.shape.out_c * p.shape.reduction()
                   : p.shape.batch * p.height() * p.width() * p.columns() * p.shape.groups;
  const auto streamed = [&](std::int64_t bytes, int lanes, const Scratchpad& pad) {
    return static_cast<double>(made) *
           std::max(1.0 / lanes,
                    static_cast<double>(bytes) / static_cast<double>(pad.bytes_per_cycle()));
  };
  for (int i = 0; i < drain.passes; ++i)
    vector_ +=
        streamed(drain.pass_bytes[static_cast<std::size_t>(i)], hw.vector_lanes, hw.accumulator);
  if (drain.range_bn_bytes > 0)
    range_bn_ = streamed(drain.range_bn_bytes, hw.range_bn.lanes, hw.activation);
  const double passes =
      p.wide_operand && hw.gradient_datapath == GradientDatapath::kTwoPass ? 2.0 : 1.0;
  least_compute_ = passes * least_macs(p) / (static_cast<double>(hw.rows) * hw.cols * hw.arrays);
}

// All columns and slices of the weights, or for the weight gradient all tiles of pixels; what
// leaves the accumulators, and what comes in for that.
TilingCosts::Columns TilingCosts::columns(const Tiling& t) const {
  const GemmShape& s = p_.shape;
  const Parts depth = depth_parts(p_, t);
  Columns c;
  c.slices = depth.wholes + depth.rests;
  c.source_slices = t.sliced ? c.slices : 1;
  if (t.sliced && depth.rests > 0 && depth.wholes >= depth.rests) {
    c.wholes = static_cast<double>(depth.wholes) / static_cast<double>(depth.rests);
    const double all =
        c.wholes * static_cast<double>(depth.whole) + static_cast<double>(depth.rest);
    c.whole = static_cast<double>(depth.whole) / all;
    c.rest = static_cast<double>(depth.rest) / all;
  }
  c.tiles = column_tiles(p_, t);
  c.in_group = ceil_div(p_.columns(), t.columns);
  const std::int64_t columns = t.groups * t.columns;
  if (p_.gemm == Gemm::kWeightGradient) {
    c.weights = memory_.stream(s.batch * p_.height() * p_.width() * ceil_div(s.out_c, columns),
                               columns * p_.weight_bytes, s.out_c * p_.weight_bytes);
    add_results(s.out_c * c.slices, std::min(t.depth, p_.depth()), p_.depth(), c);
    return c;
  }
  c.weights =
      p_.gemm == Gemm::kForward
          ? memory_.stream(s.out_c * c.slices, std::min(t.depth, p_.depth()) * p_.weight_bytes,
                           p_.depth() * p_.weight_bytes)
          : memory_.stream(s.out_c * s.taps() * c.in_group, t.columns * p_.weight_bytes,
                           p_.columns() * p_.weight_bytes);
  add_results(s.batch * p_.height() * p_.width() * c.tiles, columns, p_.columns() * s.groups, c);
  return c;
}

void TilingCosts::add_results(std::int64_t runs, std::int64_t run, std::int64_t pitch,
                              Columns& c) const {
  c.result_streams = drain_.moves;
  for (int i = 0; i < drain_.moves; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const std::int64_t bytes = drain_.moved_bytes[at];
    c.results[at] = memory_.stream(runs, run * bytes, pitch * bytes);
    c.result_bytes += c.results[at].bytes;
  }
}

Moves TilingCosts::source(const Tiling& t) const {
  const Product& p = p_;
  const GemmShape& s = p.shape;
  std::int64_t taps_y = s.y.kernel;
  std::int64_t taps_x = s.x.kernel;
  std::int64_t repeats = 1;  // slices that read all channels again
  std::int64_t channels = t.groups * p.source_g();
  if (t.sliced) {
    const Parts parts = depth_parts(p, t);
    const std::int64_t row = s.x.kernel * s.in_g();
    if (!p.forward_window()) {
      channels = t.depth;
    } else if (t.depth >= row) {
      taps_y = std::min(s.y.kernel, t.depth / row);
      repeats = parts.wholes + parts.rests;
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
  const std::int64_t pixels = s.batch * rows * columns;
  // Loads of a tile: one, or one a row if its rows are cut.
  const std::int64_t loads =
      tiles *
      (t.width == p.width() ? 1 : std::max<std::int64_t>(1, rows / ceil_div(p.height(), t.rows)));
  Moves moves =
      channels == p.source_c()  // whole pixels: long runs
          ? memory_.long_runs(loads, std::max<std::int64_t>(1, pixels / loads) * pitch,
                              p.source_width() * pitch)
          : memory_.moves(loads, memory_.stream(pixels, channels * p.source_bytes, pitch));
  moves.tiles = tiles;
  Moves all;
  all.add(repeats * parts, moves);
  return all;
}

TilingCosts::Fetches TilingCosts::fetches(const Tiling& t, std::int64_t pixels,
                                          const Columns& c) const {
  if (p_.gemm == Gemm::kWeightGradient) {
    const std::int64_t again = t.sliced ? c.in_group : c.in_group * c.slices;
    return {pixels * c.source_slices <= 2 ? 1 : again, pixels <= 2 ? 1 : c.slices};
  }
  if (t.pixels_outer)
    return {c.source_slices <= 2 ? 1 : c.in_group, c.tiles * c.slices <= 2 ? 1 : pixels};
  return {pixels * c.source_slices <= 2 ? 1 : c.in_group, c.slices <= 2 ? 1 : pixels};
}

double TilingCosts::least_bus(const Fetches& f, const Columns& c, const Moves& source) const {
  return memory_.bytes(f.source * source.bytes + f.weights * c.weights.bytes + c.result_bytes);
}

Transfers TilingCosts::transfers(std::int64_t pixels, const Columns& c, const Moves& source_once,
                                 const Fetches& fetches) const {
  const bool weights_made = p_.gemm == Gemm::kWeightGradient;
  Moves source, weight, results;
  source.add(fetches.source, source_once);
  weight.add(fetches.weights,
             memory_.moves(c.tiles * (weights_made ? pixels : c.slices), c.weights));
  for (int i = 0; i < c.result_streams; ++i)
    results.add(1, memory_.moves(c.tiles * (weights_made ? c.slices : pixels),
                                 c.results[static_cast<std::size_t>(i)]));
  const double source_time = memory_.time(source), weight_time = memory_.time(weight);
  Transfers transfers;
  transfers.source_fetches = fetches.source;
  transfers.weight_fetches = fetches.weights;
  transfers.source_bytes = source.bytes;
  transfers.weight_bytes = weight.bytes;
  transfers.source_payload = source.payload;
  transfers.weight_payload = weight.payload;
  transfers.bytes = source.bytes + weight.bytes + results.bytes;
  transfers.load = source_time + weight_time;
  transfers.store = memory_.time(results);
  transfers.bus = memory_.bus(source) + memory_.bus(weight) + memory_.bus(results);
  transfers.activates = source.activates + weight.activates + results.activates;
  transfers.first = source_time / static_cast<double>(source.tiles) +
                    weight_time / static_cast<double>(weight.tiles);
  return transfers;
}

double TilingCosts::cycles(std::int64_t pixels, const Columns& c, const Transfers& moved,
                           double compute) const {
  const bool weights_made = p_.gemm == Gemm::kWeightGradient;
  const auto tiles = static_cast<double>(c.tiles * (weights_made ? c.slices : pixels));
  const double vector = vector_ + drain_.passes * tiles * (hw_.vector_depth + 1);
  const double range_bn = range_bn_ > 0.0 ? range_bn_ + tiles * (hw_.vector_depth + 1) : 0.0;
  // A half of the accumulators is busy from the product to the last store.
  const double accumulators = (compute + vector + range_bn + moved.store) / 2;
  const double last = (vector + range_bn + moved.store) / tiles;
  // The rest is loaded under the product of a whole slice, and the next whole one under the rest's.
  const double sliced = (c.wholes - 1.0) * c.whole * std::max(compute, moved.load) +
                        std::max(c.whole * compute, c.rest * moved.load) +
                        std::max(c.rest * compute, c.whole * moved.load);
  const double fed = c.rest > 0.0 ? sliced : std::max(compute, moved.load);
  // Two tiles of pixels that stay are both loaded for the first result of a tile of columns, each
  // under one product of it or of the columns before.
  const double late =
      weights_made && pixels == 2 ? std::max(0.0, moved.first - compute / (2.0 * tiles)) : 0.0;
  const double second = late * (2.0 * static_cast<double>(c.tiles) - 1.0);
  return std::max({compute + second, fed, moved.store, moved.bus, vector, range_bn, accumulators}) +
         moved.first + last;
}

MappingCost mapping_cost(const Product& p, const Drain& drain, const Mapping& mapping,
                         const Hardware& hw) {
  const TilingCosts costs(p, drain, hw);
  const Tiling& t = mapping.tiling;
  const std::int64_t pixels = pixel_tiles(p, t);
  const TilingCosts::Columns columns = costs.columns(t);
  MappingCost cost;
  cost.transfers =
      costs.transfers(pixels, columns, costs.source(t), costs.fetches(t, pixels, columns));
  cost.compute_cycles = compute_cycles(p, t, mapping.dataflow, hw);
  cost.cycles =
      costs.cycles(pixels, columns, cost.transfers, static_cast<double>(cost.compute_cycles));
  return cost;
}

}  // namespace octet::sim
