#pragma once
#include <string>
#include <vector>

#include "sim/reference/scale_sim.hpp"
#include "workloads/graph/network.hpp"

namespace octet::sim::scale_sim {

// One product of a training step: forward (M pixels of all images, N filters of one group, K values
// of a window), data gradient (M, K, N) or weight gradient (N, K, M), done once a group.
struct TrainingGemm {
  std::string layer;
  std::string phase;  // forward, data_gradient, weight_gradient
  std::int64_t groups = 1;
  Gemm gemm;  // of one group
};

// The products of every conv and fc layer in the order of the layers, three a layer; a layer that
// reads the images has no data gradient. `unpadded`: convolutions without their padding, as the
// topology files that come with SCALE-Sim describe them; a window that no longer fits is an
// octet::Error. `batch` from 1.
[[nodiscard]] std::vector<TrainingGemm> training_gemms(const workloads::Network& network, int batch,
                                                       bool unpadded);

}  // namespace octet::sim::scale_sim
