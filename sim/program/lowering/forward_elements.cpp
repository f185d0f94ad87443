// Forward passes without products: Range BN, ReLU, addition.
#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

using workloads::Op;

// Statistics, once the command `statistics` has finished, to gain and offset of each channel.
// Returns the command that has them ready.
int Lowering::norm_scalars(const Node& n, int statistics) {
  const NodeTensors& at = at_[n.id];
  const ElementSet channels{0, n.out.channels, 0, 0, 0};
  Half& half = b_.acquire(Pad::kWeight);
  b_.require(Pad::kWeight, 8 * channels.count, "gamma and beta");
  const int gamma = b_.load(at.weight.value, channels, Pad::kWeight, half);
  const int beta = b_.load(at.bias.value, channels, Pad::kWeight, half);
  Command scalar = command_on(Opcode::kScalarRbn, channels, at_[n.inputs[0]].codes, at.codes);
  scalar.b = at.weight.value;
  scalar.c = at.bias.value;
  scalar.flags = (only_relu_follows(n) ? kClip : 0) | (delayed_ ? kDelayed : 0);
  const int ready = b_.emit(scalar, {statistics, gamma, beta});
  b_.use(half, ready);
  return ready;
}

void Lowering::forward_norm(const Node& n) {
  NodeTensors& at = at_[n.id];
  const int input = at_[n.inputs[0]].codes;
  if (identity_norm(n)) {
    at.codes = input;
    return;
  }
  const std::int64_t elements = out_elements(n);
  int last = at_[n.inputs[0]].wide >= 0 ? b_.written(at_[n.inputs[0]].wide) : -1;
  const bool inference = scope_ == Scope::kInference;
  if (!at.stats_done && !inference) {
    run_pass(b_, {Pad::kActivation, elements, 1, value_bytes_, "one code", 1},
             [&](const ElementSet& set, Half& half) {
               const int loaded = b_.load(input, set, Pad::kActivation, half);
               Command stats = command_on(Opcode::kRbnStats, set, input, -1);
               stats.accumulate = set.first > 0 ? 1 : 0;
               last = b_.emit(stats, {loaded});
               b_.use(half, last);
             });
  }
  if (!inference) {
    at.weight = parameter(n, "gamma", n.out.channels);
    at.bias = parameter(n, "beta", n.out.channels);
  }
  // Without a range to find first, the addition applies the norm to what it reads.
  const bool defer = recipe_.float32 && only_add_follows(n);
  at.codes = tensor(n, "codes", TensorKind::kActivation, elements, 1, n.out.channels, !defer);
  const int ready = inference ? constants(n, "gain_and_offset", 2) : norm_scalars(n, last);
  if (defer) {
    at.deferred = ready;
    return;
  }
  run_pass(b_, {Pad::kActivation, elements, 1, 2 * value_bytes_, "one code"},
           [&](const ElementSet& set, Half& tile) {
             const int loaded = b_.load(input, set, Pad::kActivation, tile);
             Command apply = command_on(Opcode::kRbnApply, set, input, at.codes);
             apply.flags =
                 recipe_.rounding.activation == model::Rounding::kStochastic ? kStochastic : 0;
             const int id = b_.emit(apply, {loaded, ready});
             b_.use(tile, id);
             b_.store(at.codes, set, Pad::kActivation, tile, {id});
           });
}

void Lowering::forward_relu(const Node& n) {
  NodeTensors& at = at_[n.id];
  const Node& input = input_of(n);
  const bool quantiser = input.op == Op::kConv || input.op == Op::kFullyConnected ||
                         input.op == Op::kAvgPool || input.op == Op::kAdd ||
                         (input.op == Op::kNorm && !identity_norm(input));
  if (quantiser && only_relu_follows(input)) {  // clipped range: zero point 0, nothing to do
    at.codes = at_[input.id].codes;
    return;
  }
  at.codes = tensor(n, "codes", TensorKind::kActivation, out_elements(n), 1, n.out.channels);
  run_pass(b_, {Pad::kActivation, out_elements(n), 1, 2 * value_bytes_, "one code"},
           [&](const ElementSet& set, Half& half) {
             const int loaded = b_.load(at_[input.id].codes, set, Pad::kActivation, half);
             const int id =
                 b_.emit(command_on(Opcode::kRelu, set, at_[input.id].codes, at.codes), {loaded});
             b_.use(half, id);
             b_.store(at.codes, set, Pad::kActivation, half, {id});
           });
}

// Part of an addition's input, ready in `half`; returns the command to wait for.
int Lowering::load_addend(int input, const ElementSet& set, Half& half) {
  const NodeTensors& at = at_[input];
  if (at.deferred < 0) return b_.load(at.codes, set, Pad::kAccumulator, half);
  const int layer = b_.layer;
  b_.layer = input;
  const int source = at_[node(input).inputs[0]].codes;
  const int loaded = b_.load(source, set, Pad::kAccumulator, half);
  const int id =
      b_.emit(command_on(Opcode::kRbnApply, set, source, at.codes), {loaded, at.deferred});
  b_.use(half, id);
  b_.layer = layer;
  return id;
}

void Lowering::forward_add(const Node& n) {
  const int a = at_[n.inputs[0]].codes;
  const int c = at_[n.inputs[1]].codes;
  // The largest magnitudes of both inputs come first: one pass over each.
  int last = -1;
  for (const int codes : {a, c}) {
    if (recipe_.float32) break;
    run_pass(b_, {Pad::kActivation, out_elements(n), 1, value_bytes_, "one code", 1},
             [&](const ElementSet& set, Half& half) {
               const int loaded = b_.load(codes, set, Pad::kActivation, half);
               Command range = command_on(Opcode::kRange, set, codes, codes);
               range.accumulate = set.first > 0 ? 1 : 0;
               last = b_.emit(range, {loaded});
               b_.use(half, last);
             });
  }
  Sink sink = activation_sink(n);
  Command scalar = command_on(Opcode::kScalarAdd, {}, a, sink.wide);
  scalar.b = c;
  scalar.count = 1;
  const int scales = b_.emit(scalar, {last});
  run_pass(b_,
           {Pad::kAccumulator, out_elements(n), 1, 2 * value_bytes_ + bytes_per_element(b_, sink),
            "one sum", 2, 1, &sink},
           [&](const ElementSet& set, Half& half) {
             const int la = load_addend(n.inputs[0], set, half);
             const int lc = load_addend(n.inputs[1], set, half);
             Command add = command_on(Opcode::kAddCodes, set, a, sink.wide);
             add.b = c;
             const int id = b_.emit(add, {la, lc, scales});
             b_.use(half, id);
             drain(b_, sink, set, half, {id});
           });
  finish_activation(n, sink);
}

}  // namespace octet::sim
