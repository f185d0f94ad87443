// Shortcuts that change the shape: movements, in tiles like pools, of the elements that they keep.
#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

namespace {

// Only the input rows that the tile keeps, every stride-th one. Where a stride leaves a rest of the
// image, rows of several images are not evenly spaced: then all of them.
ElementSet kept(const PoolTile& t, const PoolShape& s) {
  const std::int64_t row = s.x.in * s.source_c;
  const std::int64_t stride = s.y.stride;
  const std::int64_t rows = t.images.count * t.rows.count;
  if (t.images.count > 1 && s.y.in % stride != 0) {
    return {t.images.first * s.y.in * row, t.images.count * s.y.in * row, 0, 0, 0};
  }
  const std::int64_t first = t.images.first * s.y.in + t.rows.first * stride;
  if (!t.whole) {
    const Span columns = s.x.inputs_of(t.columns);
    return {first * row + columns.first * s.source_c, columns.count * s.source_c, 0, 0, 0};
  }
  if (stride == 1) return {first * row, rows * row, 0, 0, 0};
  return {first / stride, rows, first % stride * row, row, stride * row};
}

}  // namespace

void Lowering::forward_shortcut(const Node& n) {
  NodeTensors& at = at_[n.id];
  const int x = at_[n.inputs[0]].codes;
  at.codes = tensor(n, "codes", TensorKind::kActivation, out_elements(n), 1, n.out.channels);
  const PoolShape shape = pool_shape(n, true, value_bytes_, nullptr);
  for_each_pool(b_, shape, [&](const PoolTile& tile) {
    Half& source = b_.acquire(Pad::kActivation);
    Half& out = b_.acquire(Pad::kAccumulator);
    const ElementSet set = target_set(shape, tile);
    Deps deps = out.prior;
    deps.push_back(b_.load(x, kept(tile, shape), Pad::kActivation, source));
    Command move = command_on(Opcode::kShortcut, set, x, at.codes);
    move.m = set.elements() / n.out.channels * n.in.channels;  // elements read
    const int id = b_.emit(move, deps);
    b_.use(source, id);
    b_.use(out, id);
    b_.store(at.codes, set, Pad::kAccumulator, out, {id});
  });
}

void Lowering::backward_shortcut(const Node& n, const Contribution& gradient) {
  GradientSink g = gradient_sink(n.inputs[0], n.id, false, gradient.per_channel, n.name + ".dx",
                                 std::int64_t{batch_} * n.in.elements(), n.in.channels);
  const PoolShape shape = pool_shape(n, false, 4, &g.sink);
  for_each_pool(b_, shape, [&](const PoolTile& tile) {
    Half& source = b_.acquire(Pad::kActivation);
    Half& out = b_.acquire(Pad::kAccumulator);
    const ElementSet set = target_set(shape, tile);
    Command move = command_on(Opcode::kShortcutGrad, set, gradient.wide, g.sink.wide);
    Deps deps = out.prior;
    for (const ElementSet& reads : source_sets(shape, tile)) {
      deps.push_back(b_.load(gradient.wide, reads, Pad::kActivation, source));
      move.m += reads.elements();
    }
    const int id = b_.emit(move, deps);
    b_.use(source, id);
    b_.use(out, id);
    drain(b_, g.sink, set, out, {id});
  });
  finish_gradient(g);
}

}  // namespace octet::sim
