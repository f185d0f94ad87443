#include "model/float32/elementwise.hpp"
#include "model/float32/float_engine.hpp"

namespace octet::model::float32 {

using workloads::Node;
using workloads::Op;

// From the loss back to the input. A node's gradient is complete when its turn comes, because its
// consumers all have higher indices.
void FloatEngine::backward() {
  for (Buffers& b : buffers_) b.gradient_arrived = false;
  const Node& loss = network_.loss();
  at(loss.inputs[0]).gradient_arrived = true;
  for (auto node = network_.nodes.rbegin(); node != network_.nodes.rend(); ++node)
    if (node->op != Op::kSoftmaxCrossEntropy && at(node->id).gradient_arrived) backward_node(*node);
}

void FloatEngine::backward_node(const Node& node) {
  backward_weights(node);
  for (const int id : node.inputs) {
    if (id == network_.input().id) continue;
    Buffers& input = at(id);
    if (!input.gradient_arrived) {
      data_gradient(node, input.dy);
      input.gradient_arrived = true;
      continue;
    }
    const std::span<float> second(spare_.data(), input.dy.size());
    data_gradient(node, second);
    accumulate(second, pool_, input.dy);
  }
}

void FloatEngine::backward_weights(const Node& node) {
  Buffers& b = at(node.id);
  const std::span<const float> x = at(node.inputs[0]).y;
  if (node.op == Op::kNorm && learns_norm())
    norm_parameter_gradients<float>(b.dy, x, b.norm, pool_, b.weight_gradient, b.bias_gradient);
  else if (b.layer)
    b.layer->weight_gradient(x, b.dy, b.weight_gradient, b.bias_gradient);
}

void FloatEngine::data_gradient(const Node& node, std::span<float> dx) {
  Buffers& b = at(node.id);
  const std::span<const float> x = at(node.inputs[0]).y;
  const NodeState& s = learnt(node.id);
  const NormBackward<float> norm = {s.weight, b.weight_gradient, b.bias_gradient};
  switch (node.op) {
    case Op::kInput:
    case Op::kSoftmaxCrossEntropy:
      return;
    case Op::kConv:
    case Op::kFullyConnected:
      return b.layer->data_gradient(b.dy, s.weight, dx);
    case Op::kNorm:
      if (recipe_.norm == Recipe::Norm::kNone) return copy(b.dy, pool_, dx);
      if (recipe_.norm == Recipe::Norm::kRangeBn)
        return range_bn_data_gradient<float>(b.dy, b.norm, norm, pool_, dx);
      return batch_norm_data_gradient<float>(b.dy, x, b.norm, norm, pool_, dx);
    case Op::kRelu:
      return relu_backward(b.dy, b.y, pool_, dx);
    case Op::kMaxPool:
      return max_pool_backward(pool_shape(node, options_.batch), b.dy, b.winner, pool_, dx);
    case Op::kAvgPool:
      return avg_pool_backward(pool_shape(node, options_.batch), b.dy, pool_, dx);
    case Op::kAdd:
      return copy(b.dy, pool_, dx);
    case Op::kShortcut:
      return shortcut_backward(shortcut_shape(node, options_.batch), b.dy, pool_, dx);
  }
}

}  // namespace octet::model::float32
