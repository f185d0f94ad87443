#include "model/trainer/widths.hpp"

#include <fmt/core.h>

#include <cstdint>

#include "common/error.hpp"
#include "model/quant/quantise.hpp"

namespace octet::model {
namespace {

using workloads::Op;

constexpr std::int64_t kInt32 = 2147483647;
// The weight gradient's 56-bit sums hold the pixels of any tensor with a 32-bit element index.
static_assert(kInt32 * 255 * 65535 < (std::int64_t{1} << 55));
constexpr std::int64_t kNormValues = std::int64_t{1} << 24;

void require(const workloads::Network& network, const workloads::Node& node, const char* what,
             std::int64_t need, std::int64_t limit) {
  if (need > limit)
    throw input_error(network.file, node.op == Op::kInput ? "input" : node.name,
                      fmt::format("{} that needs {}", what, need),
                      fmt::format("at most {}", limit));
}

// Bound of the magnitude of a node's wide output gradient: docs/numerics.md section 11.
std::int64_t gradient_bound(const workloads::Network& network, const workloads::Node& node,
                            std::int64_t g, std::int64_t w) {
  if (node.consumers.size() > 1) return std::int64_t{1} << 25;  // sums are kept to 24 bits
  if (node.consumers.empty()) return 0;
  const workloads::Node& next = network.nodes[static_cast<std::size_t>(node.consumers[0])];
  const workloads::Window& window = next.window;
  switch (next.op) {
    case Op::kConv:
    case Op::kFullyConnected:
      return std::int64_t{next.out.channels / window.groups} * window.kernel_h * window.kernel_w *
             g * w;
    case Op::kNorm:
      return (std::int64_t{1} << 30) + (std::int64_t{1} << 18);
    case Op::kMaxPool:
    case Op::kAvgPool: {
      const std::int64_t overlap =
          std::int64_t{(window.kernel_h + window.stride_h - 1) / window.stride_h} *
          ((window.kernel_w + window.stride_w - 1) / window.stride_w);
      return overlap * gradient_bound(network, next, g, w);
    }
    case Op::kRelu:
    case Op::kAdd:
    case Op::kShortcut:
      return gradient_bound(network, next, g, w);
    case Op::kInput:
    case Op::kSoftmaxCrossEntropy:
      break;
  }
  return std::int64_t{1} << 24;
}

}  // namespace

void check_widths(const workloads::Network& network, const Recipe& recipe, int batch) {
  const std::int64_t w = q_max_of_bits(recipe.bits.weight);
  const std::int64_t a = q_max_of_bits(recipe.bits.activation);
  const std::int64_t g = q_max_of_bits(recipe.bits.gradient);
  for (const workloads::Node& node : network.nodes) {
    const std::int64_t pixels = std::int64_t{batch} * node.out.height * node.out.width;
    if (node.weights() > 0) {
      // The input image always has 8 bits.
      const std::int64_t x = node.inputs[0] == 0 ? 255 : a;
      const std::int64_t group_out = node.out.channels / node.window.groups;
      const std::int64_t back = group_out * node.window.kernel_h * node.window.kernel_w;
      require(network, node, "a 32-bit accumulator", node.reduction() * x * w, kInt32);
      if (node.inputs[0] != 0)
        require(network, node, "a 32-bit data-gradient accumulator", back * g * w, kInt32);
    }
    if (node.op == Op::kNorm)
      require(network, node, "a batch of values a channel", pixels, kNormValues);
    if (node.op == Op::kAvgPool)
      require(network, node, "a 32-bit window sum",
              std::int64_t{node.window.kernel_h} * node.window.kernel_w * 255, kInt32);
    if (node.op == Op::kMaxPool)
      require(network, node, "a 16-bit place in a window",
              std::int64_t{node.window.kernel_h} * node.window.kernel_w, 65536);
    require(network, node, "a 32-bit element index", pixels * node.out.channels, kInt32);
  }
  // After the layers' own products, so that the layer at fault is the one that is named.
  for (const workloads::Node& node : network.nodes)
    if (node.op != Op::kInput)
      require(network, node, "a 32-bit gradient", gradient_bound(network, node, g, w), kInt32);
}

}  // namespace octet::model
