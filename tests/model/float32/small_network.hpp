#pragma once
#include <string>
#include <utility>
#include <vector>

#include "workloads/graph/network.hpp"

namespace octet::model::float32::testing {

// Builds networks in code, so that a test of the engine needs no file.
class SmallNetwork {
 public:
  explicit SmallNetwork(workloads::Shape input) {
    net_.name = "small";
    net_.dataset.mean = 0.4F;
    net_.dataset.deviation = 0.3F;
    workloads::Node node;
    node.out = node.in = input;
    net_.nodes.push_back(node);
  }

  int conv(int from, int out, workloads::Window window, bool bias) {
    workloads::Node node = make(workloads::Op::kConv, {from});
    node.window = window;
    node.bias = bias;
    node.out = slide(node, out);
    return push(node);
  }
  int pool(int from, workloads::Op op, workloads::Window window) {
    workloads::Node node = make(op, {from});
    node.window = window;
    node.out = slide(node, node.in.channels);
    return push(node);
  }
  int shortcut(int from, int out, int stride) {
    workloads::Node node = make(workloads::Op::kShortcut, {from});
    node.window.stride_h = node.window.stride_w = stride;
    node.out = slide(node, out);
    return push(node);
  }
  int fc(int from, int out) {
    workloads::Node node = make(workloads::Op::kFullyConnected, {from});
    node.bias = true;
    node.out = {1, 1, out};
    return push(node);
  }
  int same(workloads::Op op, std::vector<int> from) { return push(make(op, std::move(from))); }
  workloads::Network finish(int logits) {
    net_.classes = at(logits).out.channels;
    push(make(workloads::Op::kSoftmaxCrossEntropy, {logits}));
    return net_;
  }

 private:
  workloads::Node& at(int id) { return net_.nodes[static_cast<std::size_t>(id)]; }

  workloads::Node make(workloads::Op op, std::vector<int> from) {
    workloads::Node node;
    node.id = static_cast<int>(net_.nodes.size());
    node.name = workloads::op_name(op) + std::to_string(node.id);
    node.op = op;
    node.inputs = std::move(from);
    node.out = node.in = at(node.inputs[0]).out;
    return node;
  }
  static workloads::Shape slide(const workloads::Node& node, int channels) {
    const workloads::Window& w = node.window;
    const auto along = [](int size, int kernel, int stride, int pad, int dilation) {
      return (size + 2 * pad - dilation * (kernel - 1) - 1) / stride + 1;
    };
    return {along(node.in.height, w.kernel_h, w.stride_h, w.pad_h, w.dilation_h),
            along(node.in.width, w.kernel_w, w.stride_w, w.pad_w, w.dilation_w), channels};
  }
  int push(const workloads::Node& node) {
    for (const int input : node.inputs) at(input).consumers.push_back(node.id);
    net_.nodes.push_back(node);
    return node.id;
  }

  workloads::Network net_;
};

[[nodiscard]] inline workloads::Window square(int kernel, int stride, int pad, int groups = 1) {
  workloads::Window w;
  w.kernel_h = w.kernel_w = kernel;
  w.stride_h = w.stride_w = stride;
  w.pad_h = w.pad_w = pad;
  w.groups = groups;
  return w;
}

// Every kind of node, residual branches of one shape and of two, groups and overlapping pools with
// padding.
[[nodiscard]] inline workloads::Network every_kind() {
  using workloads::Op;
  SmallNetwork n({9, 8, 1});
  const int conv1 = n.conv(0, 6, square(3, 1, 1), false);
  const int norm1 = n.same(Op::kNorm, {conv1});
  const int relu1 = n.same(Op::kRelu, {norm1});
  const int max1 = n.pool(relu1, Op::kMaxPool, square(3, 2, 1));
  const int conv2 = n.conv(max1, 6, square(3, 1, 1, 2), false);
  const int norm2 = n.same(Op::kNorm, {conv2});
  const int sum = n.same(Op::kAdd, {norm2, max1});
  const int relu2 = n.same(Op::kRelu, {sum});
  const int conv3 = n.conv(relu2, 9, square(3, 2, 1), false);
  const int norm3 = n.same(Op::kNorm, {conv3});
  const int wider = n.same(Op::kAdd, {norm3, n.shortcut(relu2, 9, 2)});
  const int relu4 = n.same(Op::kRelu, {wider});
  const int avg = n.pool(relu4, Op::kAvgPool, square(2, 1, 1));
  const int fc1 = n.fc(avg, 12);
  const int relu3 = n.same(Op::kRelu, {fc1});
  return n.finish(n.fc(relu3, 5));
}

// The kinds whose loss has no kink (with a norm other than Range BN).
[[nodiscard]] inline workloads::Network smooth_kinds() {
  using workloads::Op;
  SmallNetwork n({7, 6, 1});
  const int conv1 = n.conv(0, 4, square(3, 1, 1), true);
  const int norm1 = n.same(Op::kNorm, {conv1});
  const int conv2 = n.conv(norm1, 4, square(3, 1, 1, 2), false);
  const int sum = n.same(Op::kAdd, {conv2, norm1});
  const int twice = n.same(Op::kAdd, {sum, sum});
  const int wider = n.same(Op::kNorm, {n.shortcut(twice, 7, 2)});
  const int avg = n.pool(wider, Op::kAvgPool, square(3, 2, 1));
  const int fc1 = n.fc(avg, 8);
  return n.finish(n.fc(fc1, 5));
}

}  // namespace octet::model::float32::testing
