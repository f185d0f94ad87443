#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "tests/common/gzip.hpp"
#include "tests/common/temp_dir.hpp"
#include "workloads/graph/network.hpp"

namespace octet::testing {

inline const char* const kTrainImages = "train-images-idx3-ubyte";
inline const char* const kTrainLabels = "train-labels-idx1-ubyte";
inline const char* const kTestImages = "t10k-images-idx3-ubyte";
inline const char* const kTestLabels = "t10k-labels-idx1-ubyte";

// Big-endian 32-bit words.
inline std::string words(const std::vector<std::uint32_t>& values) {
  std::string bytes;
  for (const std::uint32_t value : values) {
    for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xFFU);
  }
  return bytes;
}

inline std::string idx_images(std::uint32_t count, const std::string& pixels) {
  return words({0x803, count, 2, 3}) + pixels;
}
inline std::string idx_labels(const std::string& labels) {
  return words({0x801, static_cast<std::uint32_t>(labels.size())}) + labels;
}

// Three training images and two test images of 2x3 pixels, in four files.
inline void write_good_files(const TempDir& dir) {
  dir.write(kTrainImages, idx_images(3, "abcdefghijklmnopqr"));
  dir.write(kTrainLabels, idx_labels(std::string("\2\0\1", 3)));
  dir.write(kTestImages, idx_images(2, "ABCDEFGHIJKL"));
  dir.write(kTestLabels, idx_labels(std::string("\1\2", 2)));
}

// A network for these files: 2x3x1 images, three classes.
inline workloads::Network idx_network(const std::string& path) {
  workloads::Network network;
  network.file = "net.yaml";
  network.classes = 3;
  network.dataset.path = path;
  workloads::Node input;
  input.in = input.out = {2, 3, 1};
  network.nodes.push_back(input);
  return network;
}

}  // namespace octet::testing
