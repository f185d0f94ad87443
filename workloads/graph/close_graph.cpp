#include <algorithm>

#include "workloads/graph/limits.hpp"
#include "workloads/graph/read_parts.hpp"

namespace octet::workloads {

namespace {

Node& at(std::vector<Node>& nodes, int id) { return nodes[static_cast<std::size_t>(id)]; }

void append_loss(const YamlMap& last_layer, Network& network) {
  const Node& last = network.nodes.back();
  if (last.out.elements() != network.classes) {
    throw last_layer.error("",
                           "an output of " + to_text(last.out) + " (" +
                               std::to_string(last.out.elements()) + " elements) as the last layer",
                           std::to_string(network.classes) + " elements, one a class");
  }
  Node loss;
  loss.id = static_cast<int>(network.nodes.size());
  loss.name = "loss";
  loss.op = Op::kSoftmaxCrossEntropy;
  loss.inputs = {last.id};
  loss.in = last.out;
  loss.out = {1, 1, network.classes};
  network.nodes.push_back(loss);
}

void fill_consumers(std::vector<Node>& nodes) {
  for (const Node& node : nodes) {
    for (const int input : node.inputs) at(nodes, input).consumers.push_back(node.id);
  }
}

// A normalisation right behind a convolution takes any bias out again.
void fill_bias(const YamlMap& layer, std::vector<Node>& nodes, Node& node) {
  if (node.op != Op::kConv || layer.has("bias")) return;
  node.bias = !std::all_of(node.consumers.begin(), node.consumers.end(),
                           [&nodes](int consumer) { return at(nodes, consumer).op == Op::kNorm; });
}

}  // namespace

void close_graph(const std::vector<YamlMap>& layers, Network& network) {
  append_loss(layers.back(), network);
  fill_consumers(network.nodes);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Node& node = network.nodes[i + 1];
    if (node.consumers.empty()) {
      throw layers[i].error("", "an output that no layer reads",
                            "a later layer with \"from: " + node.name + "\"");
    }
    fill_bias(layers[i], network.nodes, node);
  }
  long macs = 0;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const long own = network.nodes[i + 1].macs();
    macs += own;  // own is below 2^62 and macs, checked each time, below 2^40
    if (macs > kMaxMacs) {
      throw layers[i].error("", std::to_string(macs) + " multiply-accumulates up to here",
                            "at most " + std::to_string(kMaxMacs) + " for one image");
    }
  }
}

}  // namespace octet::workloads
