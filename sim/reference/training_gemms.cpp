#include "sim/reference/training_gemms.hpp"

#include "common/error.hpp"

namespace octet::sim::scale_sim {
namespace {

using workloads::Node;
using workloads::Op;

// SCALE-Sim's own count: a last window that reaches over the edge counts as one.
std::int64_t unpadded_outputs(const std::string& file, const Node& node, std::int64_t in,
                              int kernel, int stride, int dilation) {
  const std::int64_t reach = std::int64_t{kernel - 1} * dilation + 1;
  if (in < reach) {
    throw input_error(file, "layers." + node.name,
                      "a window of " + std::to_string(reach) + " on " + std::to_string(in) +
                          " pixels without padding",
                      "one that fits, or the layer with its padding");
  }
  return (in - reach + stride + stride - 1) / stride;
}

std::int64_t output_pixels(const workloads::Network& network, const Node& node, bool unpadded) {
  if (node.op == Op::kFullyConnected) return 1;
  if (!unpadded) return std::int64_t{node.out.height} * node.out.width;
  const workloads::Window& w = node.window;
  return unpadded_outputs(network.file, node, node.in.height, w.kernel_h, w.stride_h,
                          w.dilation_h) *
         unpadded_outputs(network.file, node, node.in.width, w.kernel_w, w.stride_w, w.dilation_w);
}

}  // namespace

std::vector<TrainingGemm> training_gemms(const workloads::Network& network, int batch,
                                         bool unpadded) {
  std::vector<TrainingGemm> all;
  for (const Node& node : network.nodes) {
    if (node.op != Op::kConv && node.op != Op::kFullyConnected) continue;
    const std::int64_t groups = node.op == Op::kConv ? node.window.groups : 1;
    const std::int64_t m = batch * output_pixels(network, node, unpadded);
    const std::int64_t n = node.out.channels / groups;
    const std::int64_t k = node.reduction();
    all.push_back({node.name, "forward", groups, {m, n, k}});
    if (network.nodes[static_cast<std::size_t>(node.inputs[0])].op != Op::kInput) {
      all.push_back({node.name, "data_gradient", groups, {m, k, n}});
    }
    all.push_back({node.name, "weight_gradient", groups, {n, k, m}});
  }
  return all;
}

}  // namespace octet::sim::scale_sim
