#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "workloads/graph/limits.hpp"
#include "workloads/graph/read_parts.hpp"

namespace octet::workloads {

namespace {

constexpr std::array kLayerOps = {Op::kConv,    Op::kFullyConnected, Op::kNorm, Op::kRelu,
                                  Op::kMaxPool, Op::kAvgPool,        Op::kAdd,  Op::kShortcut};

Op read_op(YamlMap& layer) {
  std::vector<std::string> names;
  for (const Op op : kLayerOps) names.emplace_back(op_name(op));
  const std::string name = layer.choice("op", names);
  return *std::find_if(kLayerOps.begin(), kLayerOps.end(),
                       [&name](Op op) { return name == op_name(op); });
}

void read_name(YamlMap& layer, const std::vector<Node>& nodes, Node& node) {
  node.name = layer.name("name", op_name(node.op) + std::to_string(node.id));
  layer.set_path("layers." + node.name);
  const auto same = [&node](const Node& other) { return other.name == node.name; };
  if (node.name == "loss") throw layer.error("name", "loss", "another name: Octet adds the loss");
  if (std::any_of(nodes.begin(), nodes.end(), same)) {
    throw layer.error("name", node.name + ", which a layer above has", "a name of its own");
  }
}

int find_above(const YamlMap& layer, const std::vector<Node>& nodes, const std::string& name) {
  for (const Node& node : nodes) {
    if (node.name == name) return node.id;
  }
  throw layer.error("from", name, "input or the name of a layer above");
}

std::vector<int> read_from(YamlMap& layer, const std::vector<Node>& nodes, const Node& node) {
  std::vector<int> inputs;
  if (layer.has("from")) {
    for (const std::string& name : layer.texts("from")) {
      inputs.push_back(find_above(layer, nodes, name));
    }
  } else {
    inputs.push_back(nodes.back().id);
  }
  const std::size_t needed = node.op == Op::kAdd ? 2 : 1;
  if (inputs.size() != needed) {
    throw layer.error("from",
                      std::to_string(inputs.size()) + (inputs.size() == 1 ? " input" : " inputs"),
                      std::to_string(needed) + " for " + op_name(node.op));
  }
  if (needed == 2 && inputs[0] == inputs[1]) {
    throw layer.error("from", nodes[static_cast<std::size_t>(inputs[0])].name + " twice",
                      "two different layers");
  }
  return inputs;
}

// `n` or `[height, width]`.
std::pair<int, int> read_pair(YamlMap& layer, const std::string& key, long low) {
  const std::vector<long> values = layer.integers(key, low, kMaxSize);
  if (values.empty() || values.size() > 2) {
    throw layer.error(key, "a list of " + std::to_string(values.size()),
                      "one integer or [height, width]");
  }
  return {static_cast<int>(values.front()), static_cast<int>(values.back())};
}

std::pair<int, int> read_pair(YamlMap& layer, const std::string& key, long low,
                              std::pair<int, int> fallback) {
  return layer.has(key) ? read_pair(layer, key, low) : fallback;
}

void read_conv(YamlMap& layer, Node& node) {
  Window& window = node.window;
  std::tie(window.kernel_h, window.kernel_w) = read_pair(layer, "kernel", 1);
  std::tie(window.stride_h, window.stride_w) = read_pair(layer, "stride", 1, {1, 1});
  std::tie(window.pad_h, window.pad_w) = read_pair(layer, "pad", 0, {0, 0});
  std::tie(window.dilation_h, window.dilation_w) = read_pair(layer, "dilation", 1, {1, 1});
  window.groups = static_cast<int>(layer.integer("groups", 1, kMaxSize, 1));
}

void read_pool(YamlMap& layer, Node& node) {
  Window& window = node.window;
  if (node.op == Op::kAvgPool && !layer.has("kernel")) {  // global: the window is the whole image
    window.kernel_h = window.stride_h = node.in.height;
    window.kernel_w = window.stride_w = node.in.width;
    return;
  }
  const std::pair<int, int> kernel = read_pair(layer, "kernel", 1);
  std::tie(window.kernel_h, window.kernel_w) = kernel;
  std::tie(window.stride_h, window.stride_w) = read_pair(layer, "stride", 1, kernel);
  std::tie(window.pad_h, window.pad_w) = read_pair(layer, "pad", 0, {0, 0});
}

// `out` left out: no channel is added.
void read_shortcut(YamlMap& layer, Node& node) {
  Window& window = node.window;
  node.out.channels = static_cast<int>(layer.integer("out", 1, kMaxSize, node.in.channels));
  std::tie(window.stride_h, window.stride_w) = read_pair(layer, "stride", 1, {1, 1});
}

void read_weighted(YamlMap& layer, Node& node) {
  node.out.channels = static_cast<int>(layer.integer("out", 1, kMaxSize));
  node.bias = layer.boolean("bias", node.op == Op::kFullyConnected);
}

Node read_layer(YamlMap& layer, const std::vector<Node>& nodes) {
  Node node;
  node.id = static_cast<int>(nodes.size());
  node.op = read_op(layer);
  read_name(layer, nodes, node);
  node.inputs = read_from(layer, nodes, node);
  node.in = nodes[static_cast<std::size_t>(node.inputs.front())].out;
  if (node.op == Op::kConv || node.op == Op::kFullyConnected) read_weighted(layer, node);
  if (node.op == Op::kConv) read_conv(layer, node);
  if (node.op == Op::kMaxPool || node.op == Op::kAvgPool) read_pool(layer, node);
  if (node.op == Op::kShortcut) read_shortcut(layer, node);
  layer.finish();
  if (node.op == Op::kAdd) {
    const Shape& other = nodes[static_cast<std::size_t>(node.inputs.back())].out;
    if (!(other == node.in)) {
      throw layer.error("from", to_text(node.in) + " and " + to_text(other), "inputs of one shape");
    }
  }
  node.out = infer_shape(layer, node);
  return node;
}

}  // namespace

void read_layers(std::vector<YamlMap>& layers, std::vector<Node>& nodes) {
  if (static_cast<long>(layers.size()) > kMaxNodes - 2) {
    throw layers.back().error("", std::to_string(layers.size()) + " layers",
                              "at most " + std::to_string(kMaxNodes - 2));
  }
  for (YamlMap& layer : layers) nodes.push_back(read_layer(layer, nodes));
}

}  // namespace octet::workloads
