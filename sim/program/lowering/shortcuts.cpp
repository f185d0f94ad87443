// Shortcuts that change the shape: movements, in tiles of whole rows like pools.
#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

namespace {

ElementSet rows_made(const RowTile& r, std::int64_t height, std::int64_t row) {
  return {(r.image0 * height + r.row0) * row, r.images * r.rows * row, 0, 0, 0};
}

// Only the input rows that the tile keeps, every stride-th one. Where a stride leaves a rest of the
// image, rows of several images are not evenly spaced: then all of them.
ElementSet rows_kept(const RowTile& r, const Axis& y, std::int64_t row) {
  if (r.images > 1 && y.in % y.stride != 0) {
    return {r.image0 * y.in * row, r.images * y.in * row, 0, 0, 0};
  }
  const std::int64_t first = r.image0 * y.in + r.row0 * y.stride;
  if (y.stride == 1) return {first * row, r.images * r.rows * row, 0, 0, 0};
  return {first / y.stride, r.images * r.rows, first % y.stride * row, row, y.stride * row};
}

}  // namespace

void Lowering::forward_shortcut(const Node& n) {
  NodeTensors& at = at_[n.id];
  const int x = at_[n.inputs[0]].codes;
  const Axis y = vertical(n);
  at.codes = tensor(n, "codes", TensorKind::kActivation, out_elements(n), 1, n.out.channels);
  pool_rows(n, true, nullptr, value_bytes_, [&](const RowTile& r, Half& source, Half& out) {
    const ElementSet set = rows_made(r, y.out, std::int64_t{n.out.width} * n.out.channels);
    const ElementSet reads = rows_kept(r, y, std::int64_t{n.in.width} * n.in.channels);
    Deps deps = out.prior;
    deps.push_back(b_.load(x, reads, Pad::kActivation, source));
    Command move = command_on(Opcode::kShortcut, set, x, at.codes);
    move.m = set.elements() / n.out.channels * n.in.channels;  // elements read
    const int id = b_.emit(move, deps);
    b_.use(source, id);
    b_.use(out, id);
    b_.store(at.codes, set, Pad::kAccumulator, out, {id});
  });
}

void Lowering::backward_shortcut(const Node& n, const Contribution& gradient) {
  const Axis y = vertical(n);
  GradientSink g = gradient_sink(n.inputs[0], n.id, false, gradient.per_channel, n.name + ".dx",
                                 std::int64_t{batch_} * n.in.elements(), n.in.channels);
  pool_rows(n, false, &g.sink, 4, [&](const RowTile& r, Half& source, Half& out) {
    const ElementSet set = rows_made(r, y.in, std::int64_t{n.in.width} * n.in.channels);
    // Of the output's gradient, the channels that the input has.
    const Span rows = r.images > 1 ? Span{0, y.out} : y.outputs_of({r.row0, r.rows});
    const ElementSet reads =
        rows_of((r.image0 * y.out + rows.first) * n.out.width, r.images * rows.count * n.out.width,
                (n.out.channels - n.in.channels) / 2, n.in.channels, n.out.channels);
    Deps deps = out.prior;
    if (reads.count > 0) deps.push_back(b_.load(gradient.wide, reads, Pad::kActivation, source));
    Command move = command_on(Opcode::kShortcutGrad, set, gradient.wide, g.sink.wide);
    move.m = reads.elements();
    const int id = b_.emit(move, deps);
    b_.use(source, id);
    b_.use(out, id);
    drain(b_, g.sink, set, out, {id});
  });
  finish_gradient(g);
}

}  // namespace octet::sim
