#pragma once
#include <cstdint>
#include <string>

#include "model/quant/recipe.hpp"
#include "workloads/dataset/dataset.hpp"
#include "workloads/graph/network.hpp"

namespace octet::model {

// What makes two runs the same run: whatever can change a bit of the weights or a reported
// accuracy, and so neither the threads nor the names in the files.
struct RunIdentity {
  std::string network, recipe;     // names, for messages only
  std::uint64_t network_hash = 0;  // layers, shapes, pixel normalisation and training schedule
  std::uint64_t recipe_hash = 0;   // every switch of the numerics
  std::int64_t train_images = 0, test_images = 0;
  std::uint32_t data_checksum = 0;  // CRC-32 of pixels (or pictures' names and sizes) and labels
  std::uint32_t seed = 0;
  std::int32_t batch = 0, epochs = 0;
};

// The identity of training `network` as it stands; batch and epochs are those of its schedule.
[[nodiscard]] RunIdentity run_identity(const workloads::Network& network, const Recipe& recipe,
                                       const workloads::Datasets& data, std::uint32_t seed);
// Throws octet::Error, which names `file` and the first thing in which `found` is not `expected`.
void check_same_run(const std::string& file, const RunIdentity& found, const RunIdentity& expected);

}  // namespace octet::model
