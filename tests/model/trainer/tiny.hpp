#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/quant/random_bits.hpp"
#include "model/trainer/engine.hpp"

namespace octet::model::testing {

[[nodiscard]] inline workloads::Network tiny_network() {
  return workloads::find_network("tiny-cnn");
}

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

inline constexpr SgdRates kRates{0.05F, 0.9F, 1e-4F, true};

// The state's hash after a few steps on made-up images, a new batch each step.
[[nodiscard]] inline std::uint64_t hash_after(const Recipe& recipe, int threads, std::uint32_t seed,
                                              int steps = 5, int batch = 32) {
  const workloads::Network network = tiny_network();
  const auto engine = make_integer_engine(network, recipe, {batch, threads, seed});
  for (int step = 0; step < steps; ++step) {
    const Images images = made_up_images(network, batch, 100 + static_cast<std::uint32_t>(step));
    static_cast<void>(engine->train_step(images.pixels, images.labels, kRates));
  }
  const Images test = made_up_images(network, batch, 7);
  const StepResult result = engine->evaluate(test.pixels, test.labels);
  return state_hash(engine->state()) ^ static_cast<std::uint64_t>(result.loss_sum * 65536.0);
}

}  // namespace octet::model::testing
