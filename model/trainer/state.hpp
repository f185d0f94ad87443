#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "common/buffer.hpp"
#include "common/thread_pool.hpp"
#include "model/quant/quantise.hpp"
#include "workloads/graph/network.hpp"

namespace octet::model {

// What training carries from step to step, all f32, for one node of the network.
struct NodeState {
  Buffer<float> weight, weight_velocity;   // conv, fc: weights; norm: gamma
  Buffer<float> bias, bias_velocity;       // conv, fc: bias; norm: beta
  std::vector<float> running_mean;         // norm, real units
  std::vector<float> running_spread;       // norm: running range (Range BN) or variance (BN)
  Range running_output;                    // quantised outputs: running extremes
  Range delayed_output, delayed_gradient;  // last step's extremes (range: delayed)
};

struct TrainingState {
  std::uint32_t seed = 1;
  std::uint32_t step = 0;        // steps finished
  std::vector<NodeState> nodes;  // one a network node, empty vectors where nothing is learnt
};

// Initial weights: docs/numerics.md section 10. The same for every recipe.
[[nodiscard]] TrainingState initial_state(const workloads::Network& network, std::uint32_t seed);
// Throws octet::Error at the first layer whose weights, bias or running statistics are no finite
// numbers: training has diverged, and nothing that follows means anything. `pool` shares large
// layers out.
void check_finite(const TrainingState& state, const workloads::Network& network, ThreadPool& pool);
// FNV-1a, 64 bits, over the bytes of all weights, biases and running statistics, in node order.
[[nodiscard]] std::uint64_t state_hash(const TrainingState& state);

}  // namespace octet::model
