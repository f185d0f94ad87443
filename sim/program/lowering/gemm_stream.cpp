// Forward and data-gradient products: tiles of result pixels by columns, weights beside them.
#include <algorithm>

#include "sim/program/lowering/gemm.hpp"
#include "sim/program/lowering/gemm_tiles.hpp"

namespace octet::sim {
namespace {

struct Stream {
  Product product;
  Dataflow dataflow = Dataflow::kOutput;
  int source = -1, weights = -1, bias_ready = -1;
};

Half& load_weights(Builder& b, const Stream& s, const PixelTile& t, const ColumnTile& c, Span k) {
  const Product& p = s.product;
  const GemmShape& shape = p.shape;
  const Contents contents{s.weights, b.written(s.weights), 0, c.g0 * p.columns() + c.n0, k.first};
  if (Half* half = b.resident(Pad::kWeight, contents)) return *half;
  Half& half = b.acquire(Pad::kWeight, contents);
  ElementSet set;
  if (p.gemm == Gemm::kForward) {
    set = rows_of(c.g0 * p.columns() + c.n0, c.g * c.n, k.first, k.count, p.depth());
  } else {
    const std::int64_t row0 = (c.g0 * shape.out_g() + k.first) * shape.taps();
    const std::int64_t rows = (c.g > 1 ? c.g * shape.out_g() : k.count) * shape.taps();
    set = rows_of(row0, rows, c.n0, c.n, p.columns());
  }
  half.ready = {b.load(s.weights, set, Pad::kWeight, half, t.first > 0)};
  return half;
}

// Positions of residue `residue` in a span.
std::int64_t count_residue(Span span, std::int64_t residue, std::int64_t stride) {
  const auto below = [&](std::int64_t end) { return (end - residue + stride - 1) / stride; };
  return below(span.end()) - below(span.first);
}

// The commands of one tile and one slice of the reduction; the data gradient needs one for each
// residue of the input position modulo the stride. Returns the last.
int emit_gemm(Builder& b, const Stream& s, const Sink& sink, const PixelTile& t,
              const ColumnTile& c, Span k, const Deps& deps) {
  Command g;
  g.op = Opcode::kGemm;
  g.dataflow = static_cast<std::int64_t>(s.dataflow);
  g.a = s.source;
  g.b = s.weights;
  g.out = sink.wide;
  g.m0 = t.first;
  g.m = t.count;
  g.n0 = c.n0;
  g.n = c.n;
  g.k0 = k.first;
  g.k = k.count;
  g.g0 = c.g0;
  g.g = c.g;
  g.cols = c.n;
  g.accumulate = k.first > 0 ? 1 : 0;
  if (s.product.gemm == Gemm::kForward) {
    g.flags = s.bias_ready >= 0 ? kBias : 0;
    g.rows = g.m;
    g.depth = k.count;
    return b.emit(g, deps);
  }
  const Axis& y = s.product.shape.y;
  const Axis& x = s.product.shape.x;
  int last = -1;
  for (std::int64_t py = 0; py < y.stride; ++py) {
    for (std::int64_t px = 0; px < x.stride; ++px) {
      g.phase_y = py;
      g.phase_x = px;
      g.rows = t.images.count * count_residue(t.rows, py, y.stride) *
               count_residue(t.columns, px, x.stride);
      g.depth = y.taps_at(py) * x.taps_at(px) * k.count;
      if (g.rows > 0) last = b.emit(g, deps);
    }
  }
  return last;
}

void run_stream(Builder& b, Stream s, Sink& sink) {
  const Product& p = s.product;
  const Drain results = drain_of(b, sink);
  const Mapping mapping = b.map_product(p, results);
  const Tiling& tiling = mapping.tiling;
  s.dataflow = mapping.dataflow;
  const Slices slices = cut_depth(p, tiling);
  const std::int64_t channels =
      p.gemm == Gemm::kForward ? p.shape.out_c : p.shape.in_c;  // of the result
  const auto tile = [&](const PixelTile& t, const ColumnTile& c) {
    Half& acc = b.acquire(Pad::kAccumulator);
    int last = -1;
    for_each_slice(b, slices, t.images.count > 1, [&](const Span& k) {
      Half& a_half = load_source(b, p, s.source, t, c, slices, k);
      Half& w_half = load_weights(b, s, t, c, k);
      Deps deps = acc.prior;
      deps.append(a_half.ready);
      deps.append(w_half.ready);
      deps.push_back(s.bias_ready);
      deps.push_back(b.written(s.source));
      last = emit_gemm(b, s, sink, t, c, k, deps);
      b.use(acc, last);
      b.use(a_half, last);
      b.use(w_half, last);
    });
    const ElementSet set =
        rows_of(t.first, t.count, c.g0 * p.columns() + c.n0, c.g * c.n, channels);
    drain(b, sink, set, acc, {last});
  };
  StageNote note;
  note.product = &p;
  note.drain = &results;
  note.mapping = &mapping;
  b.stage(note, [&] {
    if (tiling.pixels_outer) {
      for_each_pixels(b, p, tiling, [&](const PixelTile& t) {
        for_each_columns(b, p, tiling, [&](const ColumnTile& c) { tile(t, c); });
      });
    } else {
      for_each_columns(b, p, tiling, [&](const ColumnTile& c) {
        for_each_pixels(b, p, tiling, [&](const PixelTile& t) { tile(t, c); });
      });
    }
  });
}

Product stream_product(const Builder& b, Gemm gemm, const GemmShape& shape, int source, int weights,
                       const Sink& sink) {
  return {gemm, shape, b.tensor(source).element_bytes, b.tensor(weights).element_bytes,
          bytes_per_element(b, sink)};
}

}  // namespace

void gemm_forward(Builder& b, const GemmShape& shape, int x, int w, int bias_ready, Sink& sink) {
  run_stream(b, {stream_product(b, Gemm::kForward, shape, x, w, sink), {}, x, w, bias_ready}, sink);
}

void gemm_data_gradient(Builder& b, const GemmShape& shape, int gradient, int w, Sink& sink) {
  run_stream(b, {stream_product(b, Gemm::kDataGradient, shape, gradient, w, sink), {}, gradient, w},
             sink);
}

}  // namespace octet::sim
