#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

using workloads::Op;

bool Lowering::only_add_follows(const Node& n) const {
  return n.consumers.size() == 1 && node(n.consumers[0]).op == Op::kAdd;
}

bool Lowering::identity_norm(const Node& n) const {
  return n.op == Op::kNorm && recipe_.norm == model::Recipe::Norm::kNone;
}

bool Lowering::feeds_loss(const Node& n) const {
  return (n.op == Op::kConv || n.op == Op::kFullyConnected) && n.consumers.size() == 1 &&
         n.consumers[0] == network_.loss().id;
}

bool Lowering::only_relu_follows(const Node& n) const {
  return n.consumers.size() == 1 && node(n.consumers[0]).op == Op::kRelu;
}

int Lowering::norm_fed_by(const Node& n) const {
  for (const int id : n.consumers) {
    if (node(id).op == Op::kNorm && !identity_norm(node(id))) return id;
  }
  return -1;
}

int Lowering::tensor(const Node& n, const std::string& suffix, TensorKind kind,
                     std::int64_t elements, int bytes, int channels, bool in_dram) {
  if (recipe_.float32) {
    const bool codes = kind == TensorKind::kImage || kind == TensorKind::kActivation ||
                       kind == TensorKind::kWeight || kind == TensorKind::kGradient8;
    if (codes) bytes = static_cast<int>(value_bytes_);
    if (kind == TensorKind::kGradient8) kind = TensorKind::kWideGradient;
  }
  const int layer = b_.layer;
  b_.layer = n.id;
  const int id = b_.add_tensor(n.name + "." + suffix, kind, elements, bytes, channels, in_dram);
  b_.layer = layer;
  return id;
}

Lowering::Parameter Lowering::parameter(const Node& n, const std::string& suffix,
                                        std::int64_t elements) {
  const int channels = static_cast<int>(elements);
  Parameter p;
  p.value = tensor(n, suffix, TensorKind::kMaster, elements, 4, channels);
  if (scope_ == Scope::kStep)
    p.velocity = tensor(n, suffix + "_velocity", TensorKind::kMomentum, elements, 4, channels);
  return p;
}

Sink Lowering::activation_sink(const Node& n) {
  if (scope_ == Scope::kInference) return inference_sink(n);
  NodeTensors& at = at_[n.id];
  at.wide = tensor(n, "wide", TensorKind::kWideActivation, out_elements(n), 4, n.out.channels,
                   feeds_loss(n) || !delayed_);
  Sink sink;
  sink.wide = at.wide;
  if (feeds_loss(n)) {
    sink.range = false;
    return sink;
  }
  at.codes = tensor(n, "codes", TensorKind::kActivation, out_elements(n), 1, n.out.channels);
  if (!delayed_) return sink;
  if (recipe_.float32) {
    sink.range = sink.store_wide = false;
    sink.codes = at.codes;
    sink.stats_layer = norm_fed_by(n);
    return sink;
  }
  Command scalar = command_on(Opcode::kScalarActivation, {}, at.wide, at.codes);
  scalar.count = 1;
  scalar.flags = kDelayed | (only_relu_follows(n) ? kClip : 0);
  sink.format = b_.emit(scalar, {});
  sink.store_wide = false;
  sink.codes = at.codes;
  sink.codes_flags = recipe_.rounding.activation == model::Rounding::kStochastic ? kStochastic : 0;
  sink.stats_layer = norm_fed_by(n);
  return sink;
}

void Lowering::finish_activation(const Node& n, Sink& sink) {
  if (feeds_loss(n) || scope_ == Scope::kInference) return;
  NodeTensors& at = at_[n.id];
  if (recipe_.float32) {
    const int norm = norm_fed_by(n);
    if (norm >= 0) at_[norm].stats_done = true;
    if (norm >= 0) b_.set_written(at.wide, sink.last);
    return;
  }
  Command scalar = command_on(delayed_ ? Opcode::kScalarRecord : Opcode::kScalarActivation, {},
                              at.wide, at.codes);
  scalar.count = 1;
  scalar.flags = only_relu_follows(n) ? kClip : 0;
  const int format = b_.emit(scalar, {sink.last});
  const int norm = norm_fed_by(n);
  if (norm >= 0) at_[norm].stats_done = true;
  if (delayed_) {
    if (norm >= 0) b_.set_written(at.wide, sink.last);
    return;
  }
  Sink pass;
  pass.wide = at.wide;
  pass.range = pass.store_wide = false;
  pass.codes = at.codes;
  pass.codes_flags = recipe_.rounding.activation == model::Rounding::kStochastic ? kStochastic : 0;
  pass.format = format;
  pass.stats_layer = norm;
  const int stored = b_.written(at.wide);
  run_pass(b_,
           {Pad::kAccumulator, out_elements(n), 1, bytes_per_element(b_, pass), "one value", 1, 0,
            &pass},
           [&](const ElementSet& set, Half& half) {
             b_.set_written(at.wide, stored);
             const int loaded = b_.load(at.wide, set, Pad::kAccumulator, half);
             drain(b_, pass, set, half, {loaded});
           });
  b_.set_written(at.wide, pass.last);
}

void Lowering::weight_codes(const Node& n) {
  NodeTensors& at = at_[n.id];
  if (scope_ == Scope::kInference) {  // made once, when the network was put there
    at.weights = tensor(n, "weight_codes", TensorKind::kWeight, n.weights(), 1, n.out.channels);
    return;
  }
  at.weight = parameter(n, "weight", n.weights());
  if (recipe_.float32) {
    at.weights = at.weight.value;
    if (value_bytes_ == 2) {
      at.weight.copy =
          tensor(n, "weight_copy", TensorKind::kWeight, n.weights(), 2, n.out.channels);
      at.weights = at.weight.copy;
    }
    return;
  }
  const int channels = n.out.channels;
  at.weights = tensor(n, "weight_codes", TensorKind::kWeight, n.weights(), 1, channels);
  int last = -1;
  const Pass pass{Pad::kWeight, n.weights(), 1, 5, "one weight"};
  run_pass(b_, pass, [&](const ElementSet& set, Half& half) {
    const int loaded = b_.load(at.weight.value, set, Pad::kWeight, half);
    Command range = command_on(Opcode::kRange, set, at.weight.value, at.weights);
    range.accumulate = set.first > 0 ? 1 : 0;
    last = b_.emit(range, {loaded});
    b_.use(half, last);
  });
  Command scalar = command_on(Opcode::kScalarWeight, {}, at.weight.value, at.weights);
  scalar.count = 1;
  const int format = b_.emit(scalar, {last});
  run_pass(b_, pass, [&](const ElementSet& set, Half& half) {
    const int loaded = b_.load(at.weight.value, set, Pad::kWeight, half);
    const int id = b_.emit(command_on(Opcode::kQuantiseWeight, set, at.weight.value, at.weights),
                           {loaded, format});
    b_.use(half, id);
    b_.store(at.weights, set, Pad::kWeight, half, {id});
  });
}

int Lowering::bias_scalar(const Node& n) {
  if (scope_ == Scope::kInference) return constants(n, "bias", 1);
  NodeTensors& at = at_[n.id];
  at.bias = parameter(n, "bias", n.out.channels);
  int last = -1;
  run_pass(b_, {Pad::kWeight, n.out.channels, 1, 4, "one bias"},
           [&](const ElementSet& set, Half& half) {
             const int loaded = b_.load(at.bias.value, set, Pad::kWeight, half);
             Command scalar = command_on(Opcode::kScalarBias, set, at_[n.inputs[0]].codes, at.wide);
             scalar.b = at.weights;
             scalar.c = at.bias.value;
             last = b_.emit(scalar, {loaded, b_.written(at.weights), b_.written(scalar.a), last});
             b_.use(half, last);
           });
  return last;
}

void Lowering::forward_gemm(const Node& n) {
  weight_codes(n);
  Sink sink = activation_sink(n);
  const int bias = n.bias ? bias_scalar(n) : -1;
  gemm_forward(b_, gemm_shape(n, batch_), at_[n.inputs[0]].codes, at_[n.id].weights, bias, sink);
  finish_activation(n, sink);
}

void Lowering::forward_node(const Node& n) {
  if (at_[n.id].made) return;
  b_.layer = n.id;
  b_.phase = Phase::kForward;
  switch (n.op) {
    case Op::kInput:
      at_[n.id].codes = tensor(n, "codes", TensorKind::kImage, out_elements(n), 1, n.out.channels);
      return;
    case Op::kConv:
    case Op::kFullyConnected:
      return forward_gemm(n);
    case Op::kNorm:
      return forward_norm(n);
    case Op::kRelu:
      return forward_relu(n);
    case Op::kMaxPool:
    case Op::kAvgPool:
      return forward_pool(n);
    case Op::kAdd:
      return forward_add(n);
    case Op::kShortcut:
      return forward_shortcut(n);
    case Op::kSoftmaxCrossEntropy:
      if (scope_ == Scope::kStep) forward_loss(n);
      return;
  }
}

void Lowering::forward() {
  for (const Node& n : network_.nodes) forward_node(n);
}

}  // namespace octet::sim
