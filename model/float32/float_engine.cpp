#include "model/float32/float_engine.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "model/float32/elementwise.hpp"

namespace octet::model::float32 {

using workloads::Node;
using workloads::Op;

ConvShape conv_shape(const Node& node, int batch) {
  ConvShape s;
  s.batch = batch;
  s.out_c = node.out.channels;
  const workloads::Window& w = node.window;
  s.in_h = node.in.height, s.in_w = node.in.width, s.in_c = node.in.channels;
  s.out_h = node.out.height, s.out_w = node.out.width;
  s.kernel_h = w.kernel_h, s.kernel_w = w.kernel_w;
  s.stride_h = w.stride_h, s.stride_w = w.stride_w;
  s.pad_h = w.pad_h, s.pad_w = w.pad_w;
  s.dilation_h = w.dilation_h, s.dilation_w = w.dilation_w;
  s.groups = w.groups;
  return s;
}

PoolShape pool_shape(const Node& node, int batch) {
  const workloads::Window& w = node.window;
  return {batch,           node.in.height, node.in.width, node.in.channels,
          node.out.height, node.out.width, w.kernel_h,    w.kernel_w,
          w.stride_h,      w.stride_w,     w.pad_h,       w.pad_w};
}

ShortcutShape shortcut_shape(const Node& node, int batch) {
  return {
      batch,          node.in.height,    node.in.width,        node.in.channels,    node.out.height,
      node.out.width, node.out.channels, node.window.stride_h, node.window.stride_w};
}

DnnlProduct product_shape(const Node& node, int batch) {
  return {batch, static_cast<int>(node.in.elements()), node.out.channels};
}

RowRange slice_rows(const Node& node, const Slice& slice) {
  const std::int64_t pixels = std::int64_t{node.out.height} * node.out.width;
  return {slice.begin * pixels, slice.end * pixels};
}

FloatEngine::FloatEngine(const workloads::Network& network, const Recipe& recipe,
                         const EngineOptions& options)
    : network_(network),
      recipe_(recipe),
      options_(options),
      state_(initial_state(network, options.seed)),
      pool_(options.threads),
      buffers_(network.nodes.size()),
      slices_(options.batch),
      slices_in_use_(slices_.count()) {
  for (const Node& node : network_.nodes) prepare(node);
}

void FloatEngine::prepare(const Node& node) {
  Buffers& b = at(node.id);
  const auto batch = static_cast<std::size_t>(options_.batch);
  const std::size_t elements = batch * static_cast<std::size_t>(node.out.elements());
  NodeState& s = learnt(node.id);
  if (node.op == Op::kSoftmaxCrossEntropy) return;
  if (!joins_relu(node)) b.y.resize(elements);
  if (node.op != Op::kInput) b.dy.resize(elements);
  if (node.consumers.size() > 1) spare_.resize(std::max(spare_.size(), elements));
  if (node.op == Op::kMaxPool) b.winner.resize(elements);
  if (node.op == Op::kNorm) prepare_norm(node);
  b.weight_gradient.resize(s.weight.size());
  b.bias_gradient.resize(s.bias.size());
  if (node.op == Op::kConv) {
    const bool data_gradient = node.inputs[0] != network_.input().id;
    b.convolution = std::make_unique<DnnlConvolution>(conv_shape(node, options_.batch), slices_,
                                                      node.bias, data_gradient);
  }
}

bool FloatEngine::joins_relu(const Node& node) const {
  const bool joins = node.op == Op::kAdd || (node.op == Op::kNorm && learns_norm());
  return joins && node.consumers.size() == 1 &&
         network_.nodes[static_cast<std::size_t>(node.consumers[0])].op == Op::kRelu;
}

void FloatEngine::prepare_norm(const Node& node) {
  Buffers& b = at(node.id);
  NodeState& s = learnt(node.id);
  const int channels = node.out.channels;
  s.running_mean.resize(static_cast<std::size_t>(channels));
  s.running_spread.resize(static_cast<std::size_t>(channels));
  std::vector<RowRange> ranges;
  for (int i = 0; i < slices_.count(); ++i) ranges.push_back(slice_rows(node, slices_.at(i)));
  const bool range_bn = recipe_.norm == Recipe::Norm::kRangeBn;
  b.gatherer.emplace(ranges, channels, range_bn ? chunks(node) : 0);
  b.gradients.emplace(slices_.count(), channels);
}

void FloatEngine::check_batch(std::span<const std::uint8_t> images,
                              std::span<const std::uint16_t> labels, std::size_t most) const {
  const auto image = static_cast<std::size_t>(network_.input().out.elements());
  if (labels.size() > most || images.size() != labels.size() * image)
    throw Error(network_.name + ": batch: found " + std::to_string(labels.size()) + " labels and " +
                std::to_string(images.size()) + " bytes of images, expected " +
                std::to_string(image) + " bytes a label and at most " + std::to_string(most) +
                " labels");
  for (const std::uint16_t label : labels)
    if (label >= network_.classes)
      throw Error(network_.name + ": label: found " + std::to_string(label) +
                  ", expected less than " + std::to_string(network_.classes));
}

StepResult FloatEngine::train_step(std::span<const std::uint8_t> images,
                                   std::span<const std::uint16_t> labels, const SgdRates& rates) {
  const auto batch = static_cast<std::size_t>(options_.batch);
  check_batch(images, labels, batch);
  if (labels.size() != batch)
    throw Error(network_.name + ": batch: found " + std::to_string(labels.size()) +
                " images, expected " + std::to_string(batch));
  forward(images, true);
  Buffers& logits = at(network_.loss().inputs[0]);
  const LossResult loss = softmax_cross_entropy(logits.y, labels, logits.dy);
  backward();
  update(rates);
  ++state_.step;
  check_finite(state_, network_, pool_);

  StepResult result{loss.loss_sum, loss.correct, 0, 0};
  if (recipe_.norm == Recipe::Norm::kRangeBn)
    for (const Buffers& b : buffers_)
      result.dead_channels += std::count(b.norm.inverse.begin(), b.norm.inverse.end(), 0.0F);
  return result;
}

StepResult FloatEngine::evaluate(std::span<const std::uint8_t> images,
                                 std::span<const std::uint16_t> labels) {
  check_batch(images, labels, static_cast<std::size_t>(options_.batch));
  forward(images, false);
  const std::span<const float> logits = at(network_.loss().inputs[0]).y;
  const std::size_t classes = logits.size() / static_cast<std::size_t>(options_.batch);
  const LossResult loss = softmax_cross_entropy(logits.first(labels.size() * classes), labels, {});
  return {loss.loss_sum, loss.correct, 0, 0};
}

void FloatEngine::update(const SgdRates& rates) {
  run_tasks(pool_, static_cast<int>(network_.nodes.size()),
            [&](int node) { update_node(network_.nodes[static_cast<std::size_t>(node)], rates); });
}

void FloatEngine::update_node(const Node& node, const SgdRates& rates) {
  SgdRates undecayed = rates;
  undecayed.weight_decay = 0.0F;
  const bool norm = node.op == Op::kNorm;
  if (norm && !learns_norm()) return;
  NodeState& s = learnt(node.id);
  Buffers& b = at(node.id);
  if (b.convolution) b.convolution->sum_weight_gradient(b.weight_gradient, b.bias_gradient);
  sgd_update(b.weight_gradient, norm ? undecayed : rates, s.weight_velocity, s.weight);
  sgd_update(b.bias_gradient, undecayed, s.bias_velocity, s.bias);
}

}  // namespace octet::model::float32

namespace octet::model {

std::unique_ptr<Engine> make_float_engine(const workloads::Network& network, const Recipe& recipe,
                                          const EngineOptions& options) {
  return std::make_unique<float32::FloatEngine>(network, recipe, options);
}

}  // namespace octet::model
