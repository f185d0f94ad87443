#include "workloads/graph/limits.hpp"
#include "workloads/graph/read_parts.hpp"

namespace octet::workloads {

namespace {

// Positions of a window along one dimension: floor((padded - reach) / stride) + 1, where reach is
// the distance from the first tap to the last, both included.
int window_positions(const YamlMap& layer, const char* dimension, int size, int kernel, int stride,
                     int pad, int dilation) {
  const long padded = size + 2L * pad;
  const long reach = long{dilation} * (kernel - 1) + 1;
  if (reach > padded) {
    throw layer.error("kernel", "a window of " + std::to_string(reach) + " in " + dimension,
                      "at most the padded input's " + std::to_string(padded));
  }
  return static_cast<int>((padded - reach) / stride + 1);
}

Shape slide(const YamlMap& layer, const Node& node, int channels) {
  const Window& w = node.window;
  return {window_positions(layer, "height", node.in.height, w.kernel_h, w.stride_h, w.pad_h,
                           w.dilation_h),
          window_positions(layer, "width", node.in.width, w.kernel_w, w.stride_w, w.pad_w,
                           w.dilation_w),
          channels};
}

void check_groups(const YamlMap& layer, const Node& node) {
  const auto check = [&](const char* what, int channels) {
    if (channels % node.window.groups == 0) return;
    throw layer.error("groups", std::to_string(node.window.groups),
                      "a divisor of the " + std::to_string(channels) + " " + what + " channels");
  };
  check("input", node.in.channels);
  check("output", node.out.channels);
}

// Else a window could lie in the padding alone, where there is nothing to take the maximum of.
void check_pool_pad(const YamlMap& layer, const Window& window) {
  if (window.pad_h < window.kernel_h && window.pad_w < window.kernel_w) return;
  throw layer.error("pad",
                    "[" + std::to_string(window.pad_h) + ", " + std::to_string(window.pad_w) + "]",
                    "less than the kernel [" + std::to_string(window.kernel_h) + ", " +
                        std::to_string(window.kernel_w) + "]");
}

void check_shortcut(const YamlMap& layer, const Node& node) {
  if (node.out.channels >= node.in.channels) return;
  throw layer.error("out", std::to_string(node.out.channels),
                    "at least the " + std::to_string(node.in.channels) + " input channels");
}

// In steps, each product within 64 bits because the earlier ones were checked.
void check_weights(const YamlMap& layer, const Node& node) {
  const auto check = [&layer](const char* what, long count) {
    if (count <= kMaxElements) return;
    throw layer.error("out", std::to_string(count) + " " + what,
                      "at most " + std::to_string(kMaxElements));
  };
  const long reduction = node.op == Op::kFullyConnected
                             ? node.in.elements()
                             : long{node.window.kernel_h} * node.window.kernel_w *
                                   (node.in.channels / node.window.groups);
  check("weights for one output", reduction);
  check("weights", reduction * node.out.channels);
}

}  // namespace

Shape infer_shape(const YamlMap& layer, const Node& node) {
  Shape out = node.in;
  if (node.op == Op::kConv) {
    check_groups(layer, node);
    check_weights(layer, node);
    out = slide(layer, node, node.out.channels);
  } else if (node.op == Op::kFullyConnected) {
    check_weights(layer, node);
    out = {1, 1, node.out.channels};
  } else if (node.op == Op::kMaxPool || node.op == Op::kAvgPool) {
    check_pool_pad(layer, node.window);
    out = slide(layer, node, node.in.channels);
  } else if (node.op == Op::kShortcut) {
    check_shortcut(layer, node);
    out = slide(layer, node, node.out.channels);
  }
  if (out.elements() > kMaxElements) {
    throw layer.error("", "an output of " + to_text(out),
                      "at most " + std::to_string(kMaxElements) + " elements");
  }
  return out;
}

std::string to_text(const Shape& shape) {
  return std::to_string(shape.height) + "x" + std::to_string(shape.width) + "x" +
         std::to_string(shape.channels);
}

}  // namespace octet::workloads
