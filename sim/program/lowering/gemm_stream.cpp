// Forward and data-gradient products: tiles of output rows by columns, weights beside them.
#include <algorithm>

#include "sim/program/lowering/gemm.hpp"

namespace octet::sim {

GemmShape gemm_shape(const workloads::Node& node, int batch) {
  GemmShape shape{vertical(node), horizontal(node), batch, 1, node.in.channels, node.out.channels};
  if (node.op == workloads::Op::kFullyConnected) {
    shape.in_c = node.in.elements();
  } else {
    shape.groups = node.window.groups;
  }
  return shape;
}

namespace {

// What the two products share: `target` is the side that is produced, `source` the side that is
// read through the window.
struct Stream {
  bool forward = true;
  const GemmShape* shape = nullptr;
  int source = -1, weights = -1, bias_ready = -1;
  std::int64_t target_h = 0, target_w = 0, target_c = 0, per_group = 0;
  std::int64_t source_h = 0, source_w = 0, source_g = 0, source_c = 0;
  std::int64_t k_units = 0;     // forward: the reduction; data gradient: output channels of a group
  std::int64_t unit_bytes = 1;  // weight bytes of one unit and one column
  [[nodiscard]] Span source_rows(std::int64_t row0, std::int64_t rows) const {
    return forward ? shape->y.inputs_of({row0, rows}) : shape->y.outputs_of({row0, rows});
  }
  // The most source rows that any `rows` target rows read.
  [[nodiscard]] std::int64_t most_source_rows(std::int64_t rows) const {
    std::int64_t most = 0;
    for (std::int64_t r = 0; r < target_h; r += rows) {
      most = std::max(most, source_rows(r, std::min(rows, target_h - r)).count);
    }
    return most;
  }
};

struct Plan {
  std::vector<RowTile> rows;
  std::vector<ColumnTile> columns;
  std::vector<Span> depth;
  bool rows_outer = false;
};

Plan make_plan(const Builder& b, const Stream& s, std::int64_t acc_bytes) {
  const std::int64_t half_w = b.half_bytes(Pad::kWeight);
  const std::int64_t half_a = b.half_bytes(Pad::kActivation);
  const std::int64_t half_c = b.half_bytes(Pad::kAccumulator);
  b.require(Pad::kWeight, s.unit_bytes, "one column of weights");
  b.require(Pad::kAccumulator, s.target_w * acc_bytes, "one row of results");
  const std::int64_t narrow = std::min<std::int64_t>(s.per_group, b.hardware().cols);
  Plan plan;
  std::int64_t most = half_w / (s.k_units * s.unit_bytes);
  std::int64_t units = s.k_units;
  if (most < narrow) {  // the reduction is cut: weights of `narrow` columns, a slice at a time
    most = std::min(narrow, half_w / s.unit_bytes);
    units = std::max<std::int64_t>(1, half_w / (most * s.unit_bytes));
  }
  most = std::max<std::int64_t>(1, std::min(most, half_c / (s.target_w * acc_bytes)));
  plan.columns = cut_columns(s.shape->groups, s.per_group, most, b.hardware().cols);
  plan.depth = cut(s.k_units, units);
  const ColumnTile& c = plan.columns.front();
  const std::int64_t source_row =
      b.tensor(s.source).element_bytes *
      (s.source_w * (c.g == s.shape->groups ? s.source_c : c.g * s.source_g));
  b.require(Pad::kActivation, s.most_source_rows(1) * source_row, "the input of one output row");
  const auto fits = [&](std::int64_t images, std::int64_t rows) {
    const std::int64_t source =
        rows == s.target_h ? s.source_rows(0, rows).count : s.most_source_rows(rows);
    return images * source * source_row <= half_a &&
           images * rows * s.target_w * c.g * c.n * acc_bytes <= half_c;
  };
  plan.rows = cut_rows(s.shape->batch, s.target_h, largest_rows(s.shape->batch, s.target_h, fits));
  // Which operand is read again: the one that makes less traffic.
  const auto tiles = static_cast<std::int64_t>(plan.rows.size());
  const auto columns = static_cast<std::int64_t>(plan.columns.size());
  const std::int64_t weight_bytes = s.k_units * s.unit_bytes * s.per_group * s.shape->groups;
  const std::int64_t source_bytes = b.tensor(s.source).bytes();
  plan.rows_outer = weight_bytes * (tiles - 1) < source_bytes * (columns - 1);
  return plan;
}

int load_source(Builder& b, const Stream& s, const RowTile& r, const ColumnTile& c, Half** used) {
  const bool all = c.g == s.shape->groups;
  const std::int64_t key = ((r.image0 * s.target_h + r.row0) * s.shape->groups + (all ? 0 : c.g0)) +
                           (std::int64_t{b.written(s.source) + 2} << 40);
  if (Half* half = b.resident(Pad::kActivation, key)) {
    *used = half;
    return half->ready;
  }
  Half& half = b.acquire(Pad::kActivation, key);
  const Span rows = s.source_rows(r.row0, r.rows);
  const std::int64_t pixel0 = (r.image0 * s.source_h + rows.first) * s.source_w;
  const std::int64_t pixels =
      r.images > 1 ? r.images * s.source_h * s.source_w : rows.count * s.source_w;
  const ElementSet set =
      rows_of(r.images > 1 ? r.image0 * s.source_h * s.source_w : pixel0, pixels,
              all ? 0 : c.g0 * s.source_g, all ? s.source_c : c.g * s.source_g, s.source_c);
  *used = &half;
  half.ready = pixels > 0 ? b.load(s.source, set, Pad::kActivation, half) : -1;
  return half.ready;
}

int load_weights(Builder& b, const Stream& s, const ColumnTile& c, Span k, Half** used) {
  const GemmShape& shape = *s.shape;
  const std::int64_t key = ((c.g0 * s.per_group + c.n0) * (s.k_units + 1) + k.first) +
                           (std::int64_t{b.written(s.weights) + 2} << 40);
  if (Half* half = b.resident(Pad::kWeight, key)) {
    *used = half;
    return half->ready;
  }
  Half& half = b.acquire(Pad::kWeight, key);
  ElementSet set;
  if (s.forward) {
    set = rows_of(c.g0 * s.per_group + c.n0, c.g * c.n, k.first, k.count, s.k_units);
  } else {
    const std::int64_t row0 = (c.g0 * shape.out_g() + k.first) * shape.taps();
    const std::int64_t rows = (c.g > 1 ? c.g * shape.out_g() : k.count) * shape.taps();
    set = rows_of(row0, rows, c.n0, c.n, s.per_group);
  }
  *used = &half;
  half.ready = b.load(s.weights, set, Pad::kWeight, half);
  return half.ready;
}

// The commands of one tile and one slice of the reduction; the data gradient needs one for each
// residue of the input position modulo the stride. Returns the last.
int emit_gemm(Builder& b, const Stream& s, const Sink& sink, const RowTile& r, const ColumnTile& c,
              Span k, const Deps& deps) {
  Command g;
  g.op = Opcode::kGemm;
  g.a = s.source;
  g.b = s.weights;
  g.out = sink.wide;
  g.m0 = (r.image0 * s.target_h + r.row0) * s.target_w;
  g.m = r.images * r.rows * s.target_w;
  g.n0 = c.n0;
  g.n = c.n;
  g.k0 = k.first;
  g.k = k.count;
  g.g0 = c.g0;
  g.g = c.g;
  g.cols = c.n;
  g.accumulate = k.first > 0 ? 1 : 0;
  if (s.forward) {
    g.flags = s.bias_ready >= 0 ? kBias : 0;
    g.rows = g.m;
    g.depth = k.count;
    return b.emit(g, deps);
  }
  int last = -1;
  const auto count = [](std::int64_t first, std::int64_t n, std::int64_t residue,
                        std::int64_t stride) {
    const auto below = [&](std::int64_t end) { return (end - residue + stride - 1) / stride; };
    return below(first + n) - below(first);
  };
  for (std::int64_t py = 0; py < s.shape->y.stride; ++py) {
    for (std::int64_t px = 0; px < s.shape->x.stride; ++px) {
      g.phase_y = py;
      g.phase_x = px;
      g.rows = r.images * count(r.row0, r.rows, py, s.shape->y.stride) *
               count(0, s.target_w, px, s.shape->x.stride);
      g.depth = s.shape->y.taps_at(py) * s.shape->x.taps_at(px) * k.count;
      if (g.rows > 0) last = b.emit(g, deps);
    }
  }
  return last;
}

void run_stream(Builder& b, const Stream& s, Sink& sink) {
  const Plan plan = make_plan(b, s, bytes_per_element(b, sink));
  const auto tile = [&](const RowTile& r, const ColumnTile& c) {
    Half& acc = b.acquire(Pad::kAccumulator);
    int last = -1;
    for (const Span& k : plan.depth) {
      Half* a_half = nullptr;
      Half* w_half = nullptr;
      Deps deps = acc.prior;
      deps.push_back(load_source(b, s, r, c, &a_half));
      deps.push_back(load_weights(b, s, c, k, &w_half));
      deps.push_back(s.bias_ready);
      deps.push_back(b.written(s.source));
      last = emit_gemm(b, s, sink, r, c, k, deps);
      b.use(acc, last);
      b.use(*a_half, last);
      b.use(*w_half, last);
    }
    const ElementSet set =
        rows_of((r.image0 * s.target_h + r.row0) * s.target_w, r.images * r.rows * s.target_w,
                c.g0 * s.per_group + c.n0, c.g * c.n, s.target_c);
    drain(b, sink, set, acc, {last});
  };
  if (plan.rows_outer) {
    for (const RowTile& r : plan.rows) {
      for (const ColumnTile& c : plan.columns) tile(r, c);
    }
  } else {
    for (const ColumnTile& c : plan.columns) {
      for (const RowTile& r : plan.rows) tile(r, c);
    }
  }
}

}  // namespace

void gemm_forward(Builder& b, const GemmShape& shape, int x, int w, int bias_ready, Sink& sink) {
  run_stream(b,
             {true, &shape, x, w, bias_ready, shape.y.out, shape.x.out, shape.out_c, shape.out_g(),
              shape.y.in, shape.x.in, shape.in_g(), shape.in_c, shape.reduction(),
              b.tensor(w).element_bytes},
             sink);
}

void gemm_data_gradient(Builder& b, const GemmShape& shape, int gradient, int w, Sink& sink) {
  run_stream(b,
             {false, &shape, gradient, w, -1, shape.y.in, shape.x.in, shape.in_c, shape.in_g(),
              shape.y.out, shape.x.out, shape.out_g(), shape.out_c, shape.out_g(),
              shape.taps() * b.tensor(w).element_bytes},
             sink);
}

}  // namespace octet::sim
