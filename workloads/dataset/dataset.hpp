#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/network.hpp"

namespace octet::workloads {

// A labelled set of byte images, channels last, whole in memory.
struct Dataset {
  Shape shape;
  std::vector<std::uint8_t> pixels;   // [images][height][width][channels]
  std::vector<std::uint16_t> labels;  // [images], each below the network's classes
  [[nodiscard]] long images() const { return static_cast<long>(labels.size()); }
};

struct Datasets {
  Dataset train, test;
};

// Reads what `network` needs from `directory` (its own default where empty) and checks it against
// the network: counts, sizes, labels. Files may be gzip-compressed or not. Throws octet::Error.
[[nodiscard]] Datasets read_datasets(const Network& network, const std::string& directory);

}  // namespace octet::workloads
