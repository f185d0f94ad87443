// Where a wide gradient goes once it has been produced: through the ReLUs that only it reaches, to
// the node whose output gradient it is, and there into copies if their format is known.
#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

using workloads::Op;

bool Lowering::quantises_gradient(const Node& n) const {
  return n.op == Op::kConv || n.op == Op::kFullyConnected ||
         (n.op == Op::kNorm && !identity_norm(n));
}

Lowering::GradientSink Lowering::gradient_sink(int target, int consumer, bool complete,
                                               bool per_channel, const std::string& name,
                                               std::int64_t elements, int channels,
                                               int first_mask_source) {
  GradientSink g;
  g.node = target;
  g.consumer = consumer;
  const auto is_complete = [&] { return complete || node(g.node).consumers.size() == 1; };
  while (is_complete() && (node(g.node).op == Op::kRelu || identity_norm(node(g.node)))) {
    const Node& n = node(g.node);
    if (n.op == Op::kRelu) g.sink.masks.push_back({at_[n.id].codes, n.id});
    at_[n.id].fused = true;
    g.consumer = n.id;
    g.node = n.inputs[0];
    complete = false;
  }
  const Node& end = node(g.node);
  const bool direct = delayed_ && is_complete() && quantises_gradient(end);
  const int layer = b_.layer;
  g.sink.wide = b_.add_tensor(name, TensorKind::kWideGradient, elements, direct ? 4 : wide_bytes_,
                              channels, !direct);
  g.sink.source = first_mask_source;
  g.sink.per_channel = per_channel;
  const bool moved_on = is_complete() && (end.op == Op::kMaxPool || end.op == Op::kAvgPool ||
                                          end.op == Op::kShortcut);
  g.sink.range = !moved_on;  // the extremes are taken of what these make of it
  g.sink.store_wide = !direct;
  if (direct) set_copies(end, g.sink);
  if (direct && !recipe_.float32) {
    Command scalar = command_on(Opcode::kScalarGradient, {}, g.sink.wide, at_[end.id].gradient8);
    scalar.b = at_[end.id].gradient16;
    scalar.count = per_channel ? channels : 1;
    scalar.flags = kDelayed;
    b_.layer = end.id;
    g.sink.format = b_.emit(scalar, {});
    b_.layer = layer;
  }
  return g;
}

// Makes the tensors of the copies of n's output gradient and asks the sink to fill them.
void Lowering::set_copies(const Node& n, Sink& sink) {
  NodeTensors& at = at_[n.id];
  const bool norm = n.op == Op::kNorm;
  const bool down = norm || input_of(n).op != Op::kInput;
  const int wide_bytes = code_bytes(recipe_.bits.weight_gradient);
  // The norm uses its 16-bit copy on the spot; convolutions read it again.
  if (recipe_.bifurcated) {
    at.gradient16 =
        tensor(n, "g16", wide_bytes == 2 ? TensorKind::kGradient16 : TensorKind::kGradient8,
               out_elements(n), wide_bytes, n.out.channels, !norm);
    sink.codes16 = at.gradient16;
    sink.store_codes16 = !norm;
    sink.codes16_flags =
        recipe_.rounding.weight_gradient == model::Rounding::kStochastic ? kStochastic : 0;
  }
  if (down || !recipe_.bifurcated) {
    at.gradient8 = tensor(n, "g8", TensorKind::kGradient8, out_elements(n), 1, n.out.channels);
    sink.codes = at.gradient8;
    sink.codes_flags = recipe_.rounding.gradient == model::Rounding::kStochastic ? kStochastic : 0;
  }
  if (norm) sink.sums_input = at_[n.inputs[0]].codes;
}

void Lowering::finish_gradient(GradientSink& g) {
  NodeTensors& at = at_[g.node];
  at.contributions.push_back({g.consumer, g.sink.wide, g.sink.per_channel, g.sink.last});
  if (recipe_.float32 && g.sink.codes >= 0) at.gradient_last = g.sink.last;
  if (g.sink.format < 0) return;
  const int layer = b_.layer;
  b_.layer = g.node;
  Command record = command_on(Opcode::kScalarRecord, {}, g.sink.wide, -1);
  record.count = 1;
  b_.emit(record, {g.sink.last});
  at.gradient_last = g.sink.last;
  b_.layer = layer;
}

// The copies of n's output gradient, by a second pass over the wide one, unless they were made
// as it was produced.
void Lowering::make_copies(const Node& n) {
  NodeTensors& at = at_[n.id];
  if (at.gradient8 >= 0 || at.gradient16 >= 0) return;
  const Contribution gradient = at.contributions.front();
  Sink sink;
  sink.wide = gradient.wide;
  sink.range = sink.store_wide = false;
  sink.per_channel = gradient.per_channel;
  if (recipe_.float32) {  // the gradient is there; only Range BN reads it once more, for its sums
    at.gradient8 = gradient.wide;
    at.gradient_last = gradient.last;
    if (n.op != Op::kNorm) return;
    sink.sums_input = at_[n.inputs[0]].codes;
  } else {
    set_copies(n, sink);
    copy_format(n, gradient, sink);
  }
  const int stored = b_.written(gradient.wide);
  run_pass(b_,
           {Pad::kAccumulator, out_elements(n), 1, bytes_per_element(b_, sink), "one gradient", 1,
            0, &sink},
           [&](const ElementSet& set, Half& half) {
             b_.set_written(gradient.wide, stored);
             const int loaded = b_.load(gradient.wide, set, Pad::kAccumulator, half);
             drain(b_, sink, set, half, {loaded});
           });
  b_.set_written(gradient.wide, stored);
  at.gradient_last = sink.last;
}

// The format of both copies, from the extremes of the wide gradient.
void Lowering::copy_format(const Node& n, const Contribution& gradient, Sink& sink) {
  const NodeTensors& at = at_[n.id];
  Command scalar = command_on(Opcode::kScalarGradient, {}, gradient.wide, at.gradient8);
  scalar.b = at.gradient16;
  scalar.count = gradient.per_channel ? n.out.channels : 1;  // a multiplier each
  scalar.flags = delayed_ ? kDelayed : 0;
  sink.format = b_.emit(scalar, {gradient.last});
  if (delayed_) {
    Command record = command_on(Opcode::kScalarRecord, {}, gradient.wide, -1);
    record.count = 1;
    b_.emit(record, {sink.format, gradient.last});
  }
}

}  // namespace octet::sim
