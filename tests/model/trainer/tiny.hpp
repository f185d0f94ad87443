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

// The state's hash, and the loss of a test, after some steps on made-up images, a new batch each.
[[nodiscard]] inline std::uint64_t hash_after(const workloads::Network& network,
                                              const Recipe& recipe, const EngineOptions& options,
                                              int steps) {
  const auto engine = make_integer_engine(network, recipe, options);
  for (int step = 0; step < steps; ++step) {
    const Images images =
        made_up_images(network, options.batch, 100 + static_cast<std::uint32_t>(step));
    static_cast<void>(engine->train_step(images.pixels, images.labels, kRates));
  }
  const Images test = made_up_images(network, options.batch, 7);
  const StepResult result = engine->evaluate(test.pixels, test.labels);
  return state_hash(engine->state()) ^ static_cast<std::uint64_t>(result.loss_sum * 65536.0);
}
[[nodiscard]] inline std::uint64_t hash_after(const Recipe& recipe, int threads, std::uint32_t seed,
                                              int steps = 5, int batch = 32) {
  return hash_after(tiny_network(), recipe, {batch, threads, seed}, steps);
}

}  // namespace octet::model::testing
