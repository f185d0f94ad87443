#include <algorithm>
#include <utility>

#include "model/float32/elementwise.hpp"
#include "model/float32/float_engine.hpp"

namespace octet::model::float32 {

using workloads::Node;
using workloads::Op;

// From the loss back to the input. A node's gradient is complete when its turn comes, because its
// consumers all have higher indices.
void FloatEngine::backward() {
  for (Buffers& b : buffers_) b.gradient_arrived = false;
  at(network_.loss().inputs[0]).gradient_arrived = true;
  for (auto node = network_.nodes.rbegin(); node != network_.nodes.rend(); ++node)
    if (node->op != Op::kSoftmaxCrossEntropy && at(node->id).gradient_arrived) backward_node(*node);
  run_queue();
}

void FloatEngine::backward_node(const Node& node) {
  if (node.op == Op::kFullyConnected) return backward_product(node);
  if (node.op == Op::kNorm && learns_norm()) norm_gradients(node);
  if (node.op == Op::kConv)
    queue_.add([this, &node](const Slice& slice) {
      at(node.id).convolution->weight_gradient(slice, y(node.inputs[0], slice), dy(node.id, slice));
    });
  for (const int input : node.inputs) {
    if (input == network_.input().id) continue;
    const bool accumulated = std::exchange(at(input).gradient_arrived, true);
    queue_.add([this, &node, input, accumulated](const Slice& slice) {
      backward_input(node, slice, input, accumulated);
    });
  }
}

void FloatEngine::backward_product(const Node& node) {
  run_queue();
  Buffers& b = at(node.id);
  Buffers& input = at(node.inputs[0]);
  const DnnlProduct product = product_shape(node, options_.batch);
  product.weight_gradient(input.y, b.dy, pool_, b.weight_gradient, b.bias_gradient);
  if (node.inputs[0] == network_.input().id) return;
  const bool accumulated = std::exchange(input.gradient_arrived, true);
  product.data_gradient(b.dy, learnt(node.id).weight, accumulated, pool_, input.dy);
}

void FloatEngine::norm_gradients(const Node& node) {
  queue_.add([this, &node](const Slice& slice) {
    Buffers& b = at(node.id);
    b.gradients->gather(slice.index, dy(node.id, slice), y(node.inputs[0], slice), b.norm.mean);
  });
  run_queue();
  Buffers& b = at(node.id);
  b.gradients->finish(b.norm.inverse, b.weight_gradient, b.bias_gradient);
}

void FloatEngine::backward_input(const Node& node, const Slice& slice, int input,
                                 bool accumulated) {
  const std::span<float> dx = dy(input, slice);
  if (!accumulated) return data_gradient(node, slice, dx);
  if (node.op == Op::kAdd) return accumulate(dy(node.id, slice), dx);
  const std::span<float> second = part<float>(spare_, slices_, slice).first(dx.size());
  data_gradient(node, slice, second);
  accumulate(second, dx);
}

void FloatEngine::data_gradient(const Node& node, const Slice& slice, std::span<float> dx) {
  Buffers& b = at(node.id);
  const std::span<const float> h = dy(node.id, slice);
  switch (node.op) {
    case Op::kInput:
    case Op::kFullyConnected:
    case Op::kSoftmaxCrossEntropy:
      return;
    case Op::kConv:
      return b.convolution->data_gradient(slice, h, dx);
    case Op::kNorm:
      if (learns_norm()) return norm_data_gradient(node, slice, dx);
      [[fallthrough]];
    case Op::kAdd:
      std::copy(h.begin(), h.end(), dx.begin());
      return;
    case Op::kRelu:
      return relu_backward(h, y(node.id, slice), dx);
    case Op::kMaxPool:
      return max_pool_backward(pool_shape(node, slice.images()), h,
                               part<std::int32_t>(b.winner, slices_, slice), dx);
    case Op::kAvgPool:
      return avg_pool_backward(pool_shape(node, slice.images()), h, dx);
    case Op::kShortcut:
      return shortcut_backward(shortcut_shape(node, slice.images()), h, dx);
  }
}

void FloatEngine::norm_data_gradient(const Node& node, const Slice& slice, std::span<float> dx) {
  const Buffers& b = at(node.id);
  const std::span<const float> h = dy(node.id, slice);
  const NormBackward<float> gradients = {learnt(node.id).weight, b.weight_gradient,
                                         b.bias_gradient};
  const std::int64_t rows = slice_rows(node, {0, 0, options_.batch}).end;
  if (recipe_.norm == Recipe::Norm::kRangeBn)
    range_bn_data_gradient<float>(h, b.norm, gradients, slice_rows(node, slice), rows, dx);
  else
    batch_norm_data_gradient<float>(h, y(node.inputs[0], slice), b.norm, gradients, rows, dx);
}

}  // namespace octet::model::float32
