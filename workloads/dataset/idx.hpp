#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/graph/network.hpp"

// The IDX format of MNIST and its relatives: big-endian 32-bit words (a magic number, then one size
// a dimension), then the bytes. The magic number is 0x0800 (bytes) plus the number of dimensions.
namespace octet::workloads {

// Pixels [images][height][width] of images that have `shape`. Throws octet::Error.
[[nodiscard]] std::vector<std::uint8_t> read_idx_images(const std::string& path,
                                                        const Shape& shape);
// Labels, each below `classes`. Throws octet::Error.
[[nodiscard]] std::vector<std::uint16_t> read_idx_labels(const std::string& path, int classes);

}  // namespace octet::workloads
