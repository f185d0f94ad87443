#include <algorithm>

#include "model/float32/elementwise.hpp"
#include "model/float32/float_engine.hpp"
#include "model/ops/range_bn.hpp"

namespace octet::model::float32 {

using workloads::Node;
using workloads::Op;

// Fewer images than a batch: the rest is whatever an earlier batch left, and nobody reads it.
void FloatEngine::forward(std::span<const std::uint8_t> images, bool training) {
  const auto image = static_cast<std::size_t>(network_.input().out.elements());
  const auto count = static_cast<int>(images.size() / image);
  slices_in_use_ = 0;
  while (slices_in_use_ < slices_.count() && slices_.at(slices_in_use_).begin < count)
    ++slices_in_use_;
  queue_.add([this, images, image, count](const Slice& slice) {
    const auto first = static_cast<std::size_t>(slice.begin) * image;
    const auto end = static_cast<std::size_t>(std::min(slice.end, count)) * image;
    input_forward(images.subspan(first, end - first), network_.dataset.mean,
                  network_.dataset.deviation, y(network_.input().id, slice));
  });
  for (const Node& node : network_.nodes) forward_node(node, training);
  run_queue();
}

void FloatEngine::forward_node(const Node& node, bool training) {
  if (node.op == Op::kInput || node.op == Op::kSoftmaxCrossEntropy) return;
  if (node.op == Op::kFullyConnected) return forward_product(node);
  if (node.op == Op::kRelu && joins_relu(network_.nodes[static_cast<std::size_t>(node.inputs[0])]))
    return;
  if (node.op == Op::kConv) at(node.id).convolution->pack(learnt(node.id).weight);
  if (node.op == Op::kNorm && learns_norm())
    training ? train_statistics(node) : running_statistics(node);
  queue_.add([this, &node](const Slice& slice) { forward_slice(node, slice); });
}

void FloatEngine::forward_product(const Node& node) {
  run_queue();
  const NodeState& s = learnt(node.id);
  product_shape(node, options_.batch)
      .forward(at(node.inputs[0]).y, s.weight, s.bias, pool_, at(node.id).y);
}

void FloatEngine::forward_slice(const Node& node, const Slice& slice) {
  Buffers& b = at(node.id);
  const NodeState& s = learnt(node.id);
  const std::span<const float> x = y(node.inputs[0], slice);
  const bool relu = joins_relu(node);
  const std::span<float> out = y(relu ? node.consumers[0] : node.id, slice);
  switch (node.op) {
    case Op::kInput:
    case Op::kFullyConnected:
    case Op::kSoftmaxCrossEntropy:
      return;
    case Op::kConv:
      return b.convolution->forward(slice, x, s.bias, out);
    case Op::kNorm:
      if (learns_norm())
        return norm_apply<float>(x, {b.norm.mean, b.norm.inverse, s.weight, s.bias}, relu, out);
      std::copy(x.begin(), x.end(), out.begin());
      return;
    case Op::kRelu:
      return relu_forward(x, out);
    case Op::kMaxPool:
      return max_pool_forward(pool_shape(node, slice.images()), x, out,
                              part<std::int32_t>(b.winner, slices_, slice));
    case Op::kAvgPool:
      return avg_pool_forward(pool_shape(node, slice.images()), x, out);
    case Op::kAdd:
      return add(x, y(node.inputs[1], slice), relu, out);
    case Op::kShortcut:
      return shortcut_forward(shortcut_shape(node, slice.images()), x, 0.0F, out);
  }
}

int FloatEngine::chunks(const Node& node) const {
  return chunk_count(std::int64_t{options_.batch} * node.out.height * node.out.width,
                     recipe_.chunks);
}

float FloatEngine::constant(const Node& node) const {
  const std::int64_t n = std::int64_t{options_.batch} * node.out.height * node.out.width;
  return range_constant(recipe_.range_constant, n / chunks(node));
}

void FloatEngine::train_statistics(const Node& node) {
  queue_.add([this, &node](const Slice& slice) {
    at(node.id).gatherer->gather(slice.index, y(node.inputs[0], slice));
  });
  run_queue();
  Buffers& b = at(node.id);
  b.gatherer->finish(recipe_.norm == Recipe::Norm::kRangeBn ? constant(node) : 1.0F, b.norm);
  keep_running(node);
}

// Both move by a tenth of the difference; the first step stores.
void FloatEngine::keep_running(const Node& node) {
  const NormStatistics<float>& norm = at(node.id).norm;
  NodeState& s = learnt(node.id);
  if (state_.step == 0) {
    s.running_mean = norm.mean;
    s.running_spread = norm.spread;
    return;
  }
  for (std::size_t c = 0; c < norm.mean.size(); ++c) {
    s.running_mean[c] += 0.1F * (norm.mean[c] - s.running_mean[c]);
    s.running_spread[c] += 0.1F * (norm.spread[c] - s.running_spread[c]);
  }
}

void FloatEngine::running_statistics(const Node& node) {
  NormStatistics<float>& norm = at(node.id).norm;
  const NodeState& s = learnt(node.id);
  norm.mean = s.running_mean;
  norm.inverse.resize(s.running_spread.size());
  const float c = constant(node);
  std::transform(s.running_spread.begin(), s.running_spread.end(), norm.inverse.begin(),
                 [&](float spread) {
                   return recipe_.norm == Recipe::Norm::kRangeBn ? range_bn_inverse(spread, c)
                                                                 : batch_norm_inverse(spread);
                 });
}

}  // namespace octet::model::float32
