#include <algorithm>

#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

using workloads::Op;

void Lowering::forward_loss(const Node& n) {
  const Node& from = input_of(n);
  NodeTensors& input = at_[from.id];
  const bool wide = feeds_loss(from);
  const int logits = wide ? input.wide : input.codes;
  const int labels = tensor(n, "labels", TensorKind::kLabel, batch_, 2, 1);
  const std::int64_t classes = n.in.elements();
  b_.phase = Phase::kDataGradient;
  GradientSink g = gradient_sink(from.id, n.id, false, false, n.name + ".dx", batch_ * classes,
                                 from.out.channels);
  // Two bytes of label an image are at most one a logit: there are two classes or more.
  const std::int64_t bytes = 4 + bytes_per_element(b_, g.sink) + 1;
  b_.phase = Phase::kForward;
  run_pass(b_,
           {Pad::kAccumulator, batch_ * classes, classes, bytes, "the logits of one image", 2, 3,
            &g.sink},
           [&](const ElementSet& set, Half& half) {
             const ElementSet images{set.first / classes, set.count / classes, 0, 0, 0};
             const int lx = b_.load(logits, set, Pad::kAccumulator, half);
             const int ly = b_.load(labels, images, Pad::kAccumulator, half);
             Command softmax = command_on(Opcode::kSoftmax, set, logits, g.sink.wide);
             softmax.b = labels;
             softmax.k = classes;
             const int id = b_.emit(softmax, {lx, ly});
             b_.use(half, id);
             drain(b_, g.sink, set, half, {id});
           });
  finish_gradient(g);
}

// The gradients of a tensor that several nodes read, added in the order of the nodes. The last sum
// goes on as any wide gradient does.
Lowering::Contribution Lowering::add_contributions(const Node& n) {
  NodeTensors& at = at_[n.id];
  auto parts = std::move(at.contributions);
  at.contributions.clear();
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.consumer < b.consumer; });
  Contribution sum = parts.front();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const bool last = i + 1 == parts.size();
    const Contribution& next = parts[i];
    const std::string name = n.name + ".sum" + std::to_string(i);
    GradientSink g;
    if (last) {
      g = gradient_sink(n.id, parts.front().consumer, true, false, name, out_elements(n),
                        n.out.channels);
    } else {
      g.sink.wide = b_.add_tensor(name, TensorKind::kWideGradient, out_elements(n), wide_bytes_,
                                  n.out.channels);
    }
    Command scalar = command_on(Opcode::kScalarAdd, {}, sum.wide, g.sink.wide);
    scalar.b = next.wide;
    scalar.count = 1;
    const int scales = b_.emit(scalar, {sum.last, next.last});
    run_pass(b_,
             {Pad::kAccumulator, out_elements(n), 1, 8 + bytes_per_element(b_, g.sink), "one sum",
              2, 1, &g.sink},
             [&](const ElementSet& set, Half& half) {
               const int la = b_.load(sum.wide, set, Pad::kAccumulator, half);
               const int lb = b_.load(next.wide, set, Pad::kAccumulator, half);
               Command add = command_on(Opcode::kAddWide, set, sum.wide, g.sink.wide);
               add.b = next.wide;
               const int id = b_.emit(add, {la, lb, scales});
               b_.use(half, id);
               drain(b_, g.sink, set, half, {id});
             });
    sum = {n.id, g.sink.wide, false, g.sink.last};
    if (last) {
      finish_gradient(g);
      if (at.contributions.empty()) return sum;
    }
  }
  at.contributions = {sum};
  return sum;
}

void Lowering::backward_mask(const Node& n, const Contribution& gradient) {
  const int source = gradient.wide;
  GradientSink g = gradient_sink(n.id, n.id, true, gradient.per_channel, n.name + ".dx",
                                 out_elements(n), n.out.channels, source);
  run_pass(b_,
           {Pad::kAccumulator, out_elements(n), 1, bytes_per_element(b_, g.sink), "one value", 1, 0,
            &g.sink},
           [&](const ElementSet& set, Half& half) {
             const int loaded = b_.load(source, set, Pad::kAccumulator, half);
             drain(b_, g.sink, set, half, {loaded});
           });
  finish_gradient(g);
}

void Lowering::update(const Parameter& p, std::int64_t flags) {
  const Phase phase = b_.phase;
  b_.phase = Phase::kUpdate;
  // In place: a tile reads nothing that the tile before it has written.
  const int value = b_.written(p.value);
  const int velocity = b_.written(p.velocity);
  run_pass(b_,
           {Pad::kWeight, b_.tensor(p.value).elements, 1, p.copy >= 0 ? 14 : 12, "one parameter",
            p.copy >= 0 ? 6 : 5},
           [&](const ElementSet& set, Half& half) {
             b_.set_written(p.value, value);
             b_.set_written(p.velocity, velocity);
             const int lw = b_.load(p.value, set, Pad::kWeight, half);
             const int lv = b_.load(p.velocity, set, Pad::kWeight, half);
             const int lg = b_.load(p.gradient, set, Pad::kWeight, half);
             Command step = command_on(Opcode::kUpdate, set, p.gradient, p.value);
             step.b = p.velocity;
             step.c = p.copy;
             step.flags = flags;
             const int id = b_.emit(step, {lw, lv, lg});
             b_.use(half, id);
             const Deps done{id};
             b_.store(p.value, set, Pad::kWeight, half, done);
             b_.store(p.velocity, set, Pad::kWeight, half, done);
             if (p.copy >= 0) b_.store(p.copy, set, Pad::kWeight, half, done);
           });
  b_.phase = phase;
}

void Lowering::backward_gemm(const Node& n) {
  NodeTensors& at = at_[n.id];
  const GemmShape shape = gemm_shape(n, batch_);
  b_.phase = Phase::kDataGradient;
  make_copies(n);
  if (input_of(n).op != Op::kInput) {
    NodeTensors& target = at_[n.inputs[0]];
    // Floats have no scales to bring together: what the other reader left is added on the way out.
    const bool adds =
        recipe_.float32 && input_of(n).consumers.size() == 2 && target.contributions.size() == 1;
    GradientSink g = gradient_sink(n.inputs[0], n.id, adds, false, n.name + ".dx",
                                   std::int64_t{batch_} * n.in.elements(), n.in.channels);
    if (adds) {
      g.sink.addend = target.contributions.front().wide;
      target.contributions.clear();
    }
    gemm_data_gradient(b_, shape, at.gradient8, at.weights, g.sink);
    finish_gradient(g);
  }
  b_.phase = Phase::kWeightGradient;
  at.weight.gradient =
      tensor(n, "weight_gradient", TensorKind::kWeightGradient, n.weights(), 4, n.out.channels);
  if (n.bias) {
    at.bias.gradient = tensor(n, "bias_gradient", TensorKind::kWeightGradient, n.out.channels, 4,
                              n.out.channels, false);
  }
  gemm_weight_gradient(b_, shape, recipe_.bifurcated ? at.gradient16 : at.gradient8,
                       at_[n.inputs[0]].codes, at.weight.gradient, at.bias.gradient);
  update(at.weight, kDecay);
  if (n.bias) update(at.bias, kBias);
}

void Lowering::backward_norm(const Node& n) {
  NodeTensors& at = at_[n.id];
  b_.phase = Phase::kDataGradient;
  make_copies(n);
  const int channels = n.out.channels;
  at.weight.gradient =
      tensor(n, "gamma_gradient", TensorKind::kWeightGradient, channels, 4, channels, false);
  at.bias.gradient =
      tensor(n, "beta_gradient", TensorKind::kWeightGradient, channels, 4, channels, false);
  Command scalar =
      command_on(Opcode::kScalarRbnGrad, {0, channels, 0, 0, 0}, at.gradient8, at.weight.gradient);
  scalar.b = at.gradient16;
  scalar.c = at_[n.inputs[0]].codes;
  scalar.extra = at.bias.gradient;
  const int ready = b_.emit(scalar, {at.gradient_last});
  b_.set_written(at.weight.gradient, ready);
  b_.set_written(at.bias.gradient, ready);
  GradientSink g =
      gradient_sink(n.inputs[0], n.id, false, true, n.name + ".dx", out_elements(n), channels);
  run_pass(b_,
           {Pad::kAccumulator, out_elements(n), 1, value_bytes_ + bytes_per_element(b_, g.sink),
            "one value", 1, 1, &g.sink},
           [&](const ElementSet& set, Half& half) {
             const int loaded = b_.load(at.gradient8, set, Pad::kAccumulator, half);
             const int applied =
                 b_.emit(command_on(Opcode::kRbnGradApply, set, at.gradient8, g.sink.wide),
                         {loaded, ready});
             b_.use(half, applied);
             drain(b_, g.sink, set, half, {applied});
           });
  finish_gradient(g);
  update(at.weight, 0);
  update(at.bias, kBias);
}

void Lowering::backward_node(const Node& n) {
  NodeTensors& at = at_[n.id];
  if (n.op == Op::kInput || n.op == Op::kSoftmaxCrossEntropy || at.fused) return;
  b_.layer = n.id;
  b_.phase = Phase::kDataGradient;
  if (at.contributions.size() > 1) {
    add_contributions(n);
    if (at.fused) return;
  }
  const Contribution gradient = at.contributions.front();
  switch (n.op) {
    case Op::kConv:
    case Op::kFullyConnected:
      return backward_gemm(n);
    case Op::kNorm:
      if (!identity_norm(n)) return backward_norm(n);
      at_[n.inputs[0]].contributions.push_back(
          {n.id, gradient.wide, gradient.per_channel, gradient.last});
      return;
    case Op::kRelu:
      return backward_mask(n, gradient);
    case Op::kMaxPool:
    case Op::kAvgPool:
      if (input_of(n).op != Op::kInput) backward_pool(n, gradient);
      return;
    case Op::kAdd:
      for (const int input : n.inputs) {
        at_[input].contributions.push_back(
            {n.id, gradient.wide, gradient.per_channel, gradient.last});
      }
      return;
    case Op::kShortcut:
      if (input_of(n).op != Op::kInput) backward_shortcut(n, gradient);
      return;
    case Op::kInput:
    case Op::kSoftmaxCrossEntropy:
      return;
  }
}

void Lowering::backward() {
  for (auto n = network_.nodes.rbegin(); n != network_.nodes.rend(); ++n) backward_node(*n);
}

}  // namespace octet::sim
