#pragma once
#include <string>
#include <vector>

#include "model/quant/recipe.hpp"

namespace octet::app {

// What a result of `octet train` says of its run.
struct TrainedRun {
  std::string file;      // the result
  std::string workload;  // the network's name
  model::Recipe recipe;  // as it was trained, --set fields and all
  int batch = 0;
  struct Epoch {
    double test_accuracy = 0.0;  // of 1
    long steps = 0;
  };
  std::vector<Epoch> epochs;
};

// `path` is a result.json or the folder that holds it. The recipe must be one that comes with
// Octet. Throws octet::Error: file, field, found, expected.
[[nodiscard]] TrainedRun read_trained_run(const std::string& path);

}  // namespace octet::app
