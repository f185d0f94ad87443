#pragma once
#include <string>
#include <vector>

#include "common/yaml_reader.hpp"
#include "workloads/graph/network.hpp"

// The sections of a network file; read_network.cpp puts them together. Each throws octet::Error.
namespace octet::workloads {

[[nodiscard]] DatasetSpec read_dataset_spec(YamlMap& map);
[[nodiscard]] Shape read_input_shape(YamlMap& map);
[[nodiscard]] Schedule read_schedule(YamlMap& map);

// Appends one node a layer, with its window and shapes, joined to the nodes above it. A bias that
// the file leaves open stays false until close_graph.
void read_layers(std::vector<YamlMap>& layers, std::vector<Node>& nodes);
// Output of one layer that has its op, inputs, window and `in`; `out.channels` as the file says.
[[nodiscard]] Shape infer_shape(const YamlMap& layer, const Node& node);
// Appends the loss, fills the consumers and the biases that the file left open, and checks that
// every layer is used (the input is: the first layer has nothing else to read). `layers[i]` is the
// map of node i + 1.
void close_graph(const std::vector<YamlMap>& layers, Network& network);

}  // namespace octet::workloads
