#pragma once
#include <cstdint>
#include <vector>

#include "model/quant/random_bits.hpp"
#include "workloads/graph/network.hpp"

namespace octet::model::testing {

struct Images {
  std::vector<std::uint8_t> pixels;
  std::vector<std::uint16_t> labels;
};
// Made-up images: each class has its own bright rectangle, over noise.
[[nodiscard]] inline Images made_up_images(const workloads::Network& network, int count,
                                           std::uint32_t seed) {
  const workloads::Shape shape = network.input().out;
  const auto size = static_cast<std::size_t>(shape.elements());
  Images images;
  for (int n = 0; n < count; ++n) {
    std::vector<std::uint16_t> bits(size + 4);
    fill_random_bits({seed, static_cast<std::uint32_t>(n), 1}, 0, bits.data(), bits.size());
    const int label = bits[size] % network.classes;
    images.labels.push_back(static_cast<std::uint16_t>(label));
    const int top = label / 4 * (shape.height / 3) + bits[size + 1] % 3;
    const int left = label % 4 * (shape.width / 4) + bits[size + 2] % 3;
    for (std::size_t i = 0; i < size; ++i) {
      const int y = static_cast<int>(i) / shape.channels / shape.width;
      const int x = static_cast<int>(i) / shape.channels % shape.width;
      const bool bright =
          y >= top && y < top + shape.height / 3 && x >= left && x < left + shape.width / 4;
      images.pixels.push_back(static_cast<std::uint8_t>(bits[i] % 100 + (bright ? 150 : 0)));
    }
  }
  return images;
}

}  // namespace octet::model::testing
