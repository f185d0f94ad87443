#include "sim/mapping/cost.hpp"

#include <algorithm>
#include <numeric>

namespace octet::sim {
namespace {

// Patterns that are looked at for the busiest channel and bank; longer ones are taken to be even.
constexpr std::int64_t kMostRuns = 8;
constexpr std::int64_t kMostPlaces = 64;

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

void Moves::add(std::int64_t count, const Moves& other) {
  commands += count * other.commands;
  runs += count * other.runs;
  bytes += count * other.bytes;
  activates += static_cast<double>(count) * other.activates;
  crowded += static_cast<double>(count) * other.crowded;
  columns += static_cast<double>(count) * other.columns;
  rows += static_cast<double>(count) * other.rows;
  tiles += count * other.tiles;
  payload += count * other.payload;
}

MemoryCosts::MemoryCosts(const Hardware& hw)
    : burst_(hw.dram.burst_bytes),
      rows_(row_stretch(hw.dram)),
      bandwidth_(hw.dram_bytes_per_cycle()),
      channels_(hw.dram.channels),
      higher_banks_(std::max<std::int64_t>(1, std::int64_t{hw.dram.channels} * hw.dram.ranks *
                                                  hw.dram.banks_per_rank() / rows_.banks)),
      in_flight_(hw.dma_in_flight) {
  const auto cycles = [&](double clocks) {
    return clocks * static_cast<double>(hw.clock_hz) / static_cast<double>(hw.dram.clock_hz);
  };
  latency_ = 1.0 + cycles(hw.dram.t.rcd_rd + hw.dram.t.cl + hw.dram.burst_clocks + 2);
  // A run a cycle, and no more at once than the memory holds.
  run_ = std::max(1.0, latency_ / hw.dma_in_flight);
  const auto& fields = hw.dram.mapping.fields;
  fine_ = !hw.dram.mapping.bank_xor && fields.size() > 2 &&
          fields[fields.size() - 1].field == DramField::kChannel &&
          fields[fields.size() - 2].field == DramField::kBankGroup;
  // A rank activates a row each tRRD, and four in tFAW.
  activate_ = cycles(std::max<double>(hw.dram.t.rrd_s, hw.dram.t.faw / 4.0) /
                     (hw.dram.channels * hw.dram.ranks));
  // A controller that closes its pages opens a row for each burst, and a bank's next one after tRC.
  closed_page_ = hw.dram.page == DramPage::kClosed;
  row_ = cycles(hw.dram.t.rc);
  column_ = cycles(closed_page_ ? hw.dram.t.rc : std::max(hw.dram.t.ccd_l, hw.dram.burst_clocks)) /
            static_cast<double>(rows_.banks);
  // Refreshes take their share of the time.
  if (hw.dram.t.refi > 0) {
    const double left =
        1.0 - static_cast<double>(hw.dram.t.rfc) / static_cast<double>(hw.dram.t.refi);
    bandwidth_ *= left;
    for (double* cycles_each : {&activate_, &row_, &column_}) *cycles_each /= left;
  }
}

// Strides that share a factor with the number of channels or banks leave some of them idle. Runs
// shorter than a burst apart come back to one bank at once, which a closed page makes them wait
// for.
void MemoryCosts::find_busiest(Stream& s) const {
  if (!fine_) return;
  const std::int64_t step = std::gcd(s.pitch, burst_);
  const std::int64_t runs = burst_ / step;  // until the place in a burst comes again
  const std::int64_t again = s.pitch / step;
  const std::int64_t bursts = std::max<std::int64_t>(1, ceil_div(s.run, burst_));
  const auto busiest = [&](std::int64_t places) {
    const std::int64_t common = std::gcd(again, places);
    if (common == 1 || runs > kMostRuns || common > kMostPlaces || bursts >= 4 * common) return 1.0;
    std::array<int, kMostPlaces> count{};
    int all = 0, most = 0;
    for (std::int64_t r = 0; r < runs; ++r) {
      const std::int64_t end = ceil_div(r * s.pitch + s.run, burst_);
      for (std::int64_t b = r * s.pitch / burst_; b < end; ++b, ++all)
        most = std::max(most, ++count[static_cast<std::size_t>(b % common)]);
    }
    return static_cast<double>(most) * static_cast<double>(common) / all;
  };
  s.channels = busiest(channels_);
  s.banks = busiest(rows_.banks);
  // Beyond a stretch of rows come those of the other banks, then other rows of the same.
  if (s.pitch >= rows_.bytes) {
    const std::int64_t met = higher_banks_ / std::gcd(s.pitch / rows_.bytes, higher_banks_);
    const auto reached = static_cast<double>(met);
    if (closed_page_) s.banks /= reached;
    if (!closed_page_ && s.run <= rows_.bytes) s.rows = static_cast<double>(s.runs) / reached;
  }
  if (closed_page_ && s.pitch < burst_) {
    const double parallel = std::min(
        static_cast<double>(channels_),
        std::max(1.0, static_cast<double>(in_flight_ * s.pitch) / static_cast<double>(burst_)));
    s.banks = std::max(s.banks, static_cast<double>(rows_.banks) / parallel);
  }
}

MemoryCosts::Stream MemoryCosts::stream(std::int64_t runs, std::int64_t run,
                                        std::int64_t pitch) const {
  if (runs == 0 || run == 0) return {};
  if (run == pitch)  // each command takes a part of one long run
    return {runs, run, pitch, ceil_div(runs * run, burst_) * burst_, 1.0, 1.0};
  const std::int64_t step = std::gcd(std::gcd(pitch, run), burst_);
  Stream s{runs, run, pitch,
           runs * (step == burst_ ? ceil_div(run, burst_) * burst_ : run + burst_ - step)};
  find_busiest(s);
  return s;
}

Moves MemoryCosts::moves(std::int64_t commands, const Stream& s) const {
  if (s.runs == 0) return {};
  const auto bytes = static_cast<double>(s.bytes);
  Moves m{commands,
          s.runs,
          s.bytes,
          0.0,
          bytes * s.channels,
          bytes / static_cast<double>(burst_) * s.banks,
          s.rows,
          commands,
          s.runs * s.run};
  if (s.run == s.pitch) {
    m.runs = 1;
    m.activates = activates(1, 1, s.bytes, 0, s.bytes);
  } else {
    m.activates = activates(commands, s.runs, s.run, s.pitch, s.bytes);
  }
  return m;
}

Moves MemoryCosts::long_runs(std::int64_t commands, std::int64_t run, std::int64_t step) const {
  const std::int64_t bytes = commands * (run + burst_ - std::gcd(step, burst_));
  const std::int64_t bursts = bytes / burst_;
  return {commands,
          commands,
          bytes,
          activates(1, 1, bytes, 0, bytes),
          static_cast<double>(bytes),
          static_cast<double>(bursts),
          0.0,
          commands,
          commands * run};
}

// Of a stretch that a command meets it opens a row in each bank, but no more than it has bursts.
// These rows are taken to be closed when the next command comes back to them.
double MemoryCosts::activates(std::int64_t commands, std::int64_t runs, std::int64_t run,
                              std::int64_t pitch, std::int64_t bytes) const {
  const std::int64_t bursts = bytes / burst_;
  if (closed_page_) return static_cast<double>(bursts);
  const auto count = static_cast<double>(commands), all = static_cast<double>(runs);
  const double length = static_cast<double>(rows_.bytes);
  const double runs_bytes = static_cast<double>(run) * all;
  const double stretches =
      pitch < rows_.bytes
          ? count + (static_cast<double>(pitch) * std::max(0.0, all - count) + runs_bytes) / length
          : all + runs_bytes / length;
  return std::min(stretches * static_cast<double>(rows_.banks), static_cast<double>(bursts));
}

double MemoryCosts::bus(const Moves& m) const {
  return std::max({m.crowded / bandwidth_, activate_ * m.activates, column_ * m.columns,
                   row_ * m.rows, run_ * static_cast<double>(m.runs)});
}

double MemoryCosts::time(const Moves& m) const {
  return bus(m) + latency_ * static_cast<double>(m.commands);
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
