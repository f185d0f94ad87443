#include <algorithm>

#include "sim/program/lowering/lowering.hpp"
#include "sim/program/lowering/pool_tiles.hpp"

namespace octet::sim {

using workloads::Op;

PoolShape Lowering::pool_shape(const Node& n, bool forward, std::int64_t source_bytes,
                               const Sink* sink) const {
  PoolShape s{vertical(n), horizontal(n), forward, batch_};
  s.target_c = forward ? n.out.channels : n.in.channels;
  s.source_c = forward ? n.in.channels : n.out.channels;
  s.read_c = n.in.channels;  // of the wider output of a shortcut only the input's channels
  s.source_bytes = source_bytes;
  s.target_bytes = sink != nullptr ? bytes_per_element(b_, *sink) : value_bytes_ + 1;
  if (sink != nullptr) s.drain = drain_of(b_, *sink);
  if (n.op == Op::kAvgPool || (forward && n.op == Op::kMaxPool)) s.window = s.y.kernel * s.x.kernel;
  s.cut_channels = n.op != Op::kShortcut;
  return s;
}

void Lowering::forward_pool(const Node& n) {
  NodeTensors& at = at_[n.id];
  const int x = at_[n.inputs[0]].codes;
  const bool max = n.op == Op::kMaxPool;
  Sink sink;
  if (max) {
    at.codes = tensor(n, "codes", TensorKind::kActivation, out_elements(n), 1, n.out.channels);
    const int wide_index = n.window.kernel_h * n.window.kernel_w > 256 ? 2 : 1;
    if (scope_ == Scope::kStep)  // only the backward pass asks who won
      at.pool_index =
          tensor(n, "index", TensorKind::kPoolIndex, out_elements(n), wide_index, n.out.channels);
  } else {
    sink = activation_sink(n);
  }
  const PoolShape shape = pool_shape(n, true, value_bytes_, max ? nullptr : &sink);
  for_each_pool(b_, shape, [&](const PoolTile& tile) {
    Half& source = b_.acquire(Pad::kActivation);
    Half& out = b_.acquire(Pad::kAccumulator);
    const ElementSet set = target_set(shape, tile);
    Command pool =
        command_on(max ? Opcode::kMaxPool : Opcode::kAvgPool, set, x, max ? at.codes : sink.wide);
    pool.extra = at.pool_index;
    pool.m = shape.y.kernel * shape.x.kernel;  // elements of a window: the unit's work
    Deps deps = out.prior;
    for (const ElementSet& reads : source_sets(shape, tile)) {
      deps.push_back(b_.load(x, reads, Pad::kActivation, source));
    }
    const int id = b_.emit(pool, deps);
    b_.use(source, id);
    b_.use(out, id);
    if (max) {
      b_.store(at.codes, set, Pad::kAccumulator, out, {id});
      if (at.pool_index >= 0) b_.store(at.pool_index, set, Pad::kAccumulator, out, {id});
    } else {
      drain(b_, sink, set, out, {id});
    }
  });
  if (!max) finish_activation(n, sink);
}

void Lowering::backward_pool(const Node& n, const Contribution& gradient) {
  const bool max = n.op == Op::kMaxPool;
  GradientSink g = gradient_sink(n.inputs[0], n.id, false, gradient.per_channel, n.name + ".dx",
                                 std::int64_t{batch_} * n.in.elements(), n.in.channels);
  const int index = at_[n.id].pool_index;
  const PoolShape shape =
      pool_shape(n, false, 4 + (max ? b_.tensor(index).element_bytes : 0), &g.sink);
  for_each_pool(b_, shape, [&](const PoolTile& tile) {
    Half& source = b_.acquire(Pad::kActivation);
    Half& out = b_.acquire(Pad::kAccumulator);
    const ElementSet set = target_set(shape, tile);
    Command pool = command_on(max ? Opcode::kMaxPoolGrad : Opcode::kAvgPoolGrad, set, gradient.wide,
                              g.sink.wide);
    pool.extra = index;
    std::vector<ElementSet> sets = source_sets(shape, tile);
    if (sets.empty()) sets.push_back({});  // nothing reaches the tile: it is cleared
    int last = -1;
    for (const ElementSet& reads : sets) {
      Deps deps = out.prior;
      // Gradients read: the unit's work, besides clearing the result.
      pool.m0 = reads.n > 0 ? reads.first * reads.pitch : reads.first;
      pool.m = reads.elements();
      if (!max) pool.k = window_elements(shape, tile, pool.m);
      if (pool.m > 0) deps.push_back(b_.load(gradient.wide, reads, Pad::kActivation, source));
      if (pool.m > 0 && max) deps.push_back(b_.load(index, reads, Pad::kActivation, source));
      last = b_.emit(pool, deps);
      b_.use(source, last);
      b_.use(out, last);
      pool.accumulate = 1;
    }
    drain(b_, g.sink, set, out, {last});
  });
  finish_gradient(g);
}

}  // namespace octet::sim
