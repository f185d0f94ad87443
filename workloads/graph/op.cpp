#include "workloads/graph/network.hpp"

namespace octet::workloads {

const char* op_name(Op op) {
  switch (op) {
    case Op::kInput:
      return "input";
    case Op::kConv:
      return "conv";
    case Op::kFullyConnected:
      return "fc";
    case Op::kNorm:
      return "norm";
    case Op::kRelu:
      return "relu";
    case Op::kMaxPool:
      return "max_pool";
    case Op::kAvgPool:
      return "avg_pool";
    case Op::kAdd:
      return "add";
    case Op::kShortcut:
      return "shortcut";
    case Op::kSoftmaxCrossEntropy:
      return "softmax_xent";
  }
  return "unknown";
}

int Node::reduction() const {
  if (op == Op::kFullyConnected) return static_cast<int>(in.elements());
  if (op != Op::kConv) return 0;
  return window.kernel_h * window.kernel_w * (in.channels / window.groups);
}

long Node::weights() const { return long{reduction()} * out.channels; }

long Node::macs() const { return weights() * out.height * out.width; }

long Network::macs() const {
  long total = 0;
  for (const Node& node : nodes) total += node.macs();
  return total;
}

}  // namespace octet::workloads
