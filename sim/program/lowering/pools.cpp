#include <algorithm>

#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

using workloads::Op;

// Cuts the side that is produced (forward: output rows, backward: input rows) so that what it reads
// fits half of the activation scratchpad and what it makes fits half of the accumulators.
void Lowering::pool_rows(const Node& n, bool forward, Sink* sink, std::int64_t source_bytes,
                         const std::function<void(const RowTile&, Half&, Half&)>& body) {
  const Axis y = vertical(n);
  const workloads::Shape& target = forward ? n.out : n.in;
  const std::int64_t target_row = std::int64_t{target.width} * target.channels;
  // Of the wider output of a shortcut only the input's channels are read.
  const std::int64_t source_row =
      std::int64_t{forward ? n.in.width : n.out.width} * n.in.channels * source_bytes;
  const std::int64_t height = forward ? y.out : y.in;
  const std::int64_t result = sink != nullptr ? bytes_per_element(b_, *sink) : value_bytes_ + 1;
  const auto source_rows = [&](std::int64_t rows) {
    std::int64_t most = 0;
    for (std::int64_t r = 0; r < height; r += rows) {
      const Span span{r, std::min(rows, height - r)};
      most = std::max(most, (forward ? y.inputs_of(span) : y.outputs_of(span)).count);
    }
    return most;
  };
  b_.require(Pad::kActivation, source_rows(1) * source_row, "what one row reads");
  b_.require(Pad::kAccumulator, target_row * result, "one row of results");
  const TileSize size = largest_rows(batch_, height, [&](std::int64_t images, std::int64_t rows) {
    return images * source_rows(rows) * source_row <= b_.half_bytes(Pad::kActivation) &&
           images * rows * target_row * result <= b_.half_bytes(Pad::kAccumulator);
  });
  for (const RowTile& r : cut_rows(batch_, height, size)) {
    Half& source = b_.acquire(Pad::kActivation);
    Half& out = b_.acquire(Pad::kAccumulator);
    body(r, source, out);
  }
}

namespace {

// The rows of a tile, and the rows of the other side that they touch, as runs of elements.
ElementSet whole_rows(const RowTile& r, std::int64_t height, std::int64_t row) {
  return {(r.image0 * height + r.row0) * row, r.images * r.rows * row, 0, 0, 0};
}
ElementSet touched_rows(const RowTile& r, Span span, std::int64_t height, std::int64_t row) {
  if (r.images > 1) span = {0, height};
  return {(r.image0 * height + span.first) * row, r.images * span.count * row, 0, 0, 0};
}

}  // namespace

void Lowering::forward_pool(const Node& n) {
  NodeTensors& at = at_[n.id];
  const int x = at_[n.inputs[0]].codes;
  const Axis y = vertical(n);
  const std::int64_t in_row = std::int64_t{n.in.width} * n.in.channels;
  const std::int64_t out_row = std::int64_t{n.out.width} * n.out.channels;
  const bool max = n.op == Op::kMaxPool;
  Sink sink;
  if (max) {
    at.codes = tensor(n, "codes", TensorKind::kActivation, out_elements(n), 1, n.out.channels);
    const int wide_index = n.window.kernel_h * n.window.kernel_w > 256 ? 2 : 1;
    at.pool_index =
        tensor(n, "index", TensorKind::kPoolIndex, out_elements(n), wide_index, n.out.channels);
  } else {
    sink = activation_sink(n);
  }
  pool_rows(n, true, max ? nullptr : &sink, value_bytes_,
            [&](const RowTile& r, Half& source, Half& out) {
              const ElementSet set = whole_rows(r, y.out, out_row);
              const ElementSet reads = touched_rows(r, y.inputs_of({r.row0, r.rows}), y.in, in_row);
              const int loaded = b_.load(x, reads, Pad::kActivation, source);
              Command pool = command_on(max ? Opcode::kMaxPool : Opcode::kAvgPool, set, x,
                                        max ? at.codes : sink.wide);
              pool.extra = at.pool_index;
              pool.m = y.kernel * n.window.kernel_w;  // elements of a window: the unit's work
              Deps deps = out.prior;
              deps.push_back(loaded);
              const int id = b_.emit(pool, deps);
              b_.use(source, id);
              b_.use(out, id);
              if (max) {
                b_.store(at.codes, set, Pad::kAccumulator, out, {id});
                b_.store(at.pool_index, set, Pad::kAccumulator, out, {id});
              } else {
                drain(b_, sink, set, out, {id});
              }
            });
  if (!max) finish_activation(n, sink);
}

void Lowering::backward_pool(const Node& n, const Contribution& gradient) {
  const bool max = n.op == Op::kMaxPool;
  const Axis y = vertical(n);
  const std::int64_t in_row = std::int64_t{n.in.width} * n.in.channels;
  const std::int64_t out_row = std::int64_t{n.out.width} * n.out.channels;
  GradientSink g = gradient_sink(n.inputs[0], n.id, false, gradient.per_channel, n.name + ".dx",
                                 std::int64_t{batch_} * n.in.elements(), n.in.channels);
  const int index = at_[n.id].pool_index;
  const std::int64_t source_bytes = 4 + (max ? b_.tensor(index).element_bytes : 0);
  pool_rows(n, false, &g.sink, source_bytes, [&](const RowTile& r, Half& source, Half& out) {
    const ElementSet set = whole_rows(r, y.in, in_row);
    const ElementSet reads = touched_rows(r, y.outputs_of({r.row0, r.rows}), y.out, out_row);
    Deps deps = out.prior;
    if (reads.count > 0) deps.push_back(b_.load(gradient.wide, reads, Pad::kActivation, source));
    if (max && reads.count > 0) deps.push_back(b_.load(index, reads, Pad::kActivation, source));
    Command pool = command_on(max ? Opcode::kMaxPoolGrad : Opcode::kAvgPoolGrad, set, gradient.wide,
                              g.sink.wide);
    pool.extra = index;
    // Gradients read for this tile: the unit's work, besides clearing the result.
    pool.m0 = reads.first;
    pool.m = reads.count;
    pool.k = max ? 1 : y.kernel * n.window.kernel_w;
    const int id = b_.emit(pool, deps);
    b_.use(source, id);
    b_.use(out, id);
    drain(b_, g.sink, set, out, {id});
  });
  finish_gradient(g);
}

}  // namespace octet::sim
