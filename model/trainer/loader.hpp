#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "common/thread_pool.hpp"
#include "workloads/dataset/dataset.hpp"

namespace octet::model {

// Image numbers of one epoch in the order they are seen: docs/numerics.md section 10.
[[nodiscard]] std::vector<std::int32_t> shuffled(std::int64_t images, std::uint32_t seed,
                                                 std::uint32_t epoch);

// Fills the batches of training: which images in which order, and how each is varied, as the
// network file says. A batch is a function of (seed, epoch, step) alone, whatever was loaded before
// and with however many threads, so that training can go on from any step.
class BatchLoader {
 public:
  struct Batch {
    std::span<const std::uint8_t> pixels;   // [batch][height][width][channels]
    std::span<const std::uint16_t> labels;  // [batch]
  };
  // `data` must outlive the loader. Throws octet::Error where it has fewer images than a batch.
  BatchLoader(const workloads::Dataset& data, const workloads::DatasetSpec& spec, int batch,
              std::uint32_t seed, int threads);
  [[nodiscard]] long steps() const;  // whole batches in an epoch
  // Step `step` (from 0, below steps()) of `epoch` (from 0). The batch lives until the next call.
  // Throws octet::Error where an image's file is damaged.
  [[nodiscard]] Batch load(std::uint32_t epoch, long step);

 private:
  void fill(std::size_t i, std::span<const std::uint16_t> bits);

  const workloads::Dataset& data_;
  workloads::DatasetSpec spec_;
  std::uint32_t seed_;
  ThreadPool pool_;
  std::uint32_t epoch_ = 0;  // that order_ is of
  std::vector<std::int32_t> order_;
  std::size_t first_ = 0;  // position in the epoch of the batch's first image
  std::vector<std::uint8_t> pixels_;
  std::vector<std::uint16_t> labels_;
};

// Fills the batches of testing: all images, in their order, not varied.
class TestLoader {
 public:
  TestLoader(const workloads::Dataset& data, int batch, int threads);
  [[nodiscard]] long steps() const;  // batches; the last may be smaller
  // As BatchLoader::load.
  [[nodiscard]] BatchLoader::Batch load(long step);

 private:
  const workloads::Dataset& data_;
  std::size_t batch_;
  ThreadPool pool_;
  std::vector<std::uint8_t> pixels_;  // of images that are decoded
};

}  // namespace octet::model
