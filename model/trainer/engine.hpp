#pragma once
#include <cstdint>
#include <memory>
#include <span>

#include "model/ops/sgd.hpp"
#include "model/quant/recipe.hpp"
#include "model/trainer/observe.hpp"
#include "model/trainer/state.hpp"

namespace octet::model {

struct StepResult {
  double loss_sum = 0.0;       // nats, summed over the images
  std::int64_t correct = 0;    // top-1, on the batch as trained
  std::int64_t saturated = 0;  // values outside a delayed range, in training
  std::int64_t dead_channels = 0;
};

// Trains a network under one recipe. All engines share TrainingState, its initial values and the
// data order, so that only the arithmetic differs between two recipes.
class Engine {
 public:
  virtual ~Engine() = default;
  // One step on images [batch][h][w][c] (bytes) and labels; state().step grows by one.
  virtual StepResult train_step(std::span<const std::uint8_t> images,
                                std::span<const std::uint16_t> labels, const SgdRates& rates) = 0;
  // Forward pass with running statistics; any number of images up to the batch size.
  virtual StepResult evaluate(std::span<const std::uint8_t> images,
                              std::span<const std::uint16_t> labels) = 0;
  // May be changed until the next step; who wants to change it later asks for it again.
  [[nodiscard]] virtual TrainingState& state() = 0;
};

struct EngineOptions {
  int batch = 128;
  int threads = 2;
  std::uint32_t seed = 1;
  bool keep_gradients = false;  // hold each wide gradient after the step, for captures and tests
  StepClock* clock = nullptr;   // told where the time goes (integer engine)
  QuantisationObserver observer = {};  // shown each tensor as it is quantised (integer engine)
  long observe_every = 1;  // steps: the observer sees steps n - 1, 2 n - 1, ... (from 0)
};
// The engine of the recipe's arithmetic. Throws octet::Error where a width would overflow.
[[nodiscard]] std::unique_ptr<Engine> make_engine(const workloads::Network& network,
                                                  const Recipe& recipe,
                                                  const EngineOptions& options);
// The two implementations: model/trainer/integer_engine.cpp and model/float32/float_engine.cpp.
[[nodiscard]] std::unique_ptr<Engine> make_integer_engine(const workloads::Network& network,
                                                          const Recipe& recipe,
                                                          const EngineOptions& options);
[[nodiscard]] std::unique_ptr<Engine> make_float_engine(const workloads::Network& network,
                                                        const Recipe& recipe,
                                                        const EngineOptions& options);

}  // namespace octet::model
