#include <string>

#include "common/yaml_reader.hpp"
#include "workloads/graph/limits.hpp"
#include "workloads/graph/network.hpp"
#include "workloads/graph/read_parts.hpp"

namespace octet::workloads {

Network read_network(const std::string& path) {
  YamlMap file = YamlMap::read_file(path);
  Network network;
  network.file = path;
  network.name = file.name("name");
  network.description = file.text("description");

  YamlMap dataset = file.map("dataset");
  network.dataset = read_dataset_spec(dataset);
  YamlMap input = file.map("input");
  Node first;
  first.name = "input";
  first.out = read_input_shape(input);
  first.in = first.out;
  network.nodes.push_back(first);
  network.classes = static_cast<int>(file.integer("classes", 2, kMaxClasses));
  YamlMap training = file.map("training");
  network.schedule = read_schedule(training);

  std::vector<YamlMap> layers = file.maps("layers");
  file.finish();  // before the layers: a misspelt "layers" or "input" explains the most
  if (layers.empty()) throw file.error("layers", "an empty list", "at least one layer");
  read_layers(layers, network.nodes);
  close_graph(layers, network);
  return network;
}

}  // namespace octet::workloads
