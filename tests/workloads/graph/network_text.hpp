#pragma once
#include <stdexcept>
#include <string>

#include "tests/common/temp_dir.hpp"
#include "workloads/graph/network.hpp"

namespace octet::testing {

// A network file around `layers`; the layers begin at line 8.
inline std::string network_text(const std::string& layers, const std::string& input = "[4, 6, 2]",
                                const std::string& classes = "10",
                                const std::string& training = "{}") {
  const auto size = [&input](int index) {  // the index-th number of "[h, w, c]"
    std::size_t begin = 1;
    for (int i = 0; i < index; ++i) begin = input.find(',', begin) + 2;
    return input.substr(begin, input.find_first_of(",]", begin) - begin);
  };
  return "name: test\ndescription: d\ndataset: {kind: idx, path: /p, mean: 0.5, deviation: 0.25}\n"
         "input: {height: " +
         size(0) + ", width: " + size(1) + ", channels: " + size(2) + "}\nclasses: " + classes +
         "\ntraining: " + training + "\nlayers:\n" + layers;
}

inline workloads::Network read_text(const TempDir& dir, const std::string& text) {
  return workloads::read_network(dir.write("net.yaml", text));
}

// The node called `name`; throws if there is none.
inline const workloads::Node& node(const workloads::Network& network, const std::string& name) {
  for (const workloads::Node& each : network.nodes) {
    if (each.name == name) return each;
  }
  throw std::runtime_error("no node " + name);
}

}  // namespace octet::testing
