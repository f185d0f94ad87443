#pragma once
#include <cstdint>
#include <memory>

#include "model/trainer/engine.hpp"
#include "tests/model/trainer/images.hpp"

namespace octet::model::testing {

[[nodiscard]] inline workloads::Network tiny_network() {
  return workloads::find_network("tiny-cnn");
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
