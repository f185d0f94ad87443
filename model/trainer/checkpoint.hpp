#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/trainer/identity.hpp"
#include "model/trainer/state.hpp"

namespace octet::model {

struct EpochResult {
  int epoch = 0;                // from 1
  double loss = 0.0;            // nats an image, mean over the epoch as trained
  double train_accuracy = 0.0;  // over the epoch's batches, as trained
  double test_accuracy = 0.0;
  double seconds = 0.0;  // training alone
  double images_per_second = 0.0;
  std::int64_t saturations = 0;
  std::int64_t dead_channels = 0;  // channel-steps
};

// How far a run has come: the epochs that are finished, and the sums of the one that is under way.
struct RunProgress {
  std::vector<EpochResult> epochs;
  std::int64_t step = 0;  // steps finished in the epoch under way
  double loss_sum = 0.0;  // nats
  std::int64_t correct = 0;
  std::int64_t saturations = 0;
  std::int64_t dead_channels = 0;
  double seconds = 0.0;  // training alone
};

// Everything that training carries from one step to the next. Whatever else a step needs is a
// function of the seed, the epoch and the step.
struct Checkpoint {
  std::string file;  // where it was read, for messages
  RunIdentity identity;
  RunProgress progress;
  TrainingState state;
  [[nodiscard]] bool finished() const {
    return progress.epochs.size() == static_cast<std::size_t>(identity.epochs);
  }
};

// A checkpoint as bytes. Little-endian, nothing aligned; a text is a u32 length and its characters,
// a list of floats a u64 count and its f32 values, bit for bit:
//
//   header    "OctetCkp", u32 version (1), u64 bytes of the whole file
//   identity  text network, text recipe, u64 network hash, u64 recipe hash, i64 train images,
//             i64 test images, u32 data checksum, u32 seed, i32 batch, i32 epochs
//   progress  u32 count of epochs, each: i32 epoch, f64 loss, f64 train accuracy, f64 test
//   accuracy,
//             f64 seconds, f64 images a second, i64 saturations, i64 dead channels
//             i64 step, f64 loss sum, i64 correct, i64 saturations, i64 dead channels, f64 seconds
//   state     u32 seed, u32 steps finished, u32 count of nodes, each: the floats of weight, its
//             velocity, bias, its velocity, running mean, running spread; then f32 low and high of
//             running output, delayed output, delayed gradient
//   end       u32 CRC-32 of all bytes before it
//
// Every version begins with this header and ends with this checksum.
[[nodiscard]] std::string checkpoint_bytes(const RunIdentity& identity, const RunProgress& progress,
                                           const TrainingState& state);
// Throws octet::Error that names `file`: another kind of file, a truncated or damaged one, one of a
// later version.
[[nodiscard]] Checkpoint parse_checkpoint(const std::string& file, std::string_view bytes);

// The file as a whole, or none: common/file.hpp. Both throw octet::Error.
void write_checkpoint(const std::string& file, const RunIdentity& identity,
                      const RunProgress& progress, const TrainingState& state);
[[nodiscard]] Checkpoint read_checkpoint(const std::string& file);

// Holds a checkpoint against the run that is to go on from it: a position inside the run, and the
// same tensors as `fresh`, the state the run would begin with. Throws octet::Error.
void check_fits(const Checkpoint& checkpoint, const TrainingState& fresh, long steps_per_epoch);

}  // namespace octet::model
