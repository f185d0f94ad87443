#include <algorithm>

#include "model/float32/elementwise.hpp"
#include "model/float32/float_engine.hpp"
#include "model/ops/range_bn.hpp"

namespace octet::model::float32 {

using workloads::Node;
using workloads::Op;

// Fewer images than a batch: the rest is whatever an earlier batch left, and nobody reads it.
void FloatEngine::forward(std::span<const std::uint8_t> images, bool training) {
  input_forward(images, network_.dataset.mean, network_.dataset.deviation, pool_,
                at(network_.input().id).y);
  for (const Node& node : network_.nodes) forward_node(node, training);
}

void FloatEngine::forward_node(const Node& node, bool training) {
  if (node.inputs.empty()) return;
  Buffers& b = at(node.id);
  const std::vector<float>& x = at(node.inputs[0]).y;
  const NodeState& s = learnt(node.id);
  switch (node.op) {
    case Op::kInput:
    case Op::kSoftmaxCrossEntropy:
      return;
    case Op::kConv:
    case Op::kFullyConnected:
      return b.layer->forward(x, s.weight, s.bias, b.y);
    case Op::kNorm:
      return forward_norm(node, training);
    case Op::kRelu:
      return relu_forward(x, pool_, b.y);
    case Op::kMaxPool:
      return max_pool_forward(pool_shape(node, options_.batch), x, pool_, b.y, b.winner);
    case Op::kAvgPool:
      return avg_pool_forward(pool_shape(node, options_.batch), x, pool_, b.y);
    case Op::kAdd:
      return add(x, at(node.inputs[1]).y, pool_, b.y);
    case Op::kShortcut:
      return shortcut_forward(shortcut_shape(node, options_.batch), x, pool_, b.y);
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

void FloatEngine::forward_norm(const Node& node, bool training) {
  Buffers& b = at(node.id);
  const std::span<const float> x = at(node.inputs[0]).y;
  if (!learns_norm()) return copy(x, pool_, b.y);
  const int channels = node.out.channels;
  if (!training) {
    running_statistics(node);
  } else if (recipe_.norm == Recipe::Norm::kRangeBn) {
    range_bn_statistics(x, channels, chunks(node), constant(node), pool_, b.norm);
  } else {
    batch_norm_statistics(x, channels, pool_, b.norm);
  }
  if (training) keep_running(node);
  const NodeState& s = learnt(node.id);
  norm_apply<float>(x, {b.norm.mean, b.norm.inverse, s.weight, s.bias}, pool_, b.y);
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
