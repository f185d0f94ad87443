#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "model/trainer/engine.hpp"
#include "workloads/dataset/dataset.hpp"

namespace octet::model {

struct EpochResult {
  int epoch = 0;                // from 1
  double loss = 0.0;            // nats an image, mean over the epoch as trained
  double train_accuracy = 0.0;  // over the epoch's batches, as trained
  double test_accuracy = 0.0;
  double seconds = 0.0;  // training alone
  double images_per_second = 0.0;
};

struct TrainOptions {
  int epochs = 5;
  EngineOptions engine;
  // Called now and then inside an epoch: (epoch, steps done in it, steps in it, images a second).
  std::function<void(int, long, long, double)> progress;
  std::function<void(const EpochResult&)> epoch_done;
  // Called right after the last training step, with that step's tensors still in the engine.
  std::function<void(Engine&)> last_step;
};

struct TrainResult {
  std::vector<EpochResult> epochs;
  double seconds = 0.0;  // training alone
  double images_per_second = 0.0;
  std::int64_t saturations = 0;
  std::int64_t dead_channels = 0;  // channel-steps
  std::uint64_t hash = 0;
};

// Trains `network` from its initial weights. Throws octet::Error where the data are fewer than a
// batch or a width would overflow.
[[nodiscard]] TrainResult train(const workloads::Network& network, const Recipe& recipe,
                                const workloads::Datasets& data, const TrainOptions& options);

}  // namespace octet::model
