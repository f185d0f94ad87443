#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "model/trainer/checkpoint.hpp"
#include "model/trainer/engine.hpp"
#include "workloads/dataset/dataset.hpp"

namespace octet::model {

// What a run says of itself while it trains.
struct TrainingNews {
  int epoch = 0;           // under way, from 1
  std::int64_t step = 0;   // steps done in it
  std::int64_t steps = 0;  // steps in it
  double images_per_second = 0.0;
  double seconds_left = 0.0;  // of the whole run, the tests after each epoch included
};

struct TrainOptions {
  int epochs = 5;
  EngineOptions engine;
  // Called now and then inside an epoch.
  std::function<void(const TrainingNews&)> progress;
  // Called after the test at the end of an epoch.
  std::function<void(const EpochResult&, const TrainingNews&)> epoch_done;
  // Called right after the last training step, with that step's tensors still in the engine.
  std::function<void(Engine&)> last_step;

  // Called where the run could go on from: after each epoch, every `checkpoint_every` steps (0:
  // never inside an epoch), and before a run that is told to stop returns or one that failed (a
  // picture that can not be read) throws.
  std::function<void(const RunProgress&, const TrainingState&)> checkpoint;
  std::int64_t checkpoint_every = 0;
  // Another run's checkpoint lies where this one's will: it stays where the run fails in its first
  // epoch before the test.
  bool replaces_another = false;
  const Checkpoint* resume = nullptr;  // where to go on from; nullptr: the initial weights
  std::function<bool()> stop;          // asked after each step, and during tests: true ends the run
};

struct TrainResult {
  std::vector<EpochResult> epochs;
  bool finished = false;  // false: told to stop; what follows is then of the part that was done
  std::int64_t steps_in_epoch = 0;  // done in the epoch under way
  double seconds = 0.0;             // training alone
  double images_per_second = 0.0;
  std::int64_t saturations = 0;
  std::int64_t dead_channels = 0;  // channel-steps
  std::uint64_t hash = 0;
};

// Trains `network` from its initial weights, or on from a checkpoint of the same run (its identity
// is the caller's to check) to the bits of the run that was never interrupted. Throws octet::Error
// where the data are fewer than a batch, a width would overflow or the checkpoint does not fit.
[[nodiscard]] TrainResult train(const workloads::Network& network, const Recipe& recipe,
                                const workloads::Datasets& data, const TrainOptions& options);

}  // namespace octet::model
