#pragma once
#include <memory>
#include <span>

#include "model/ops/sgd.hpp"
#include "model/quant/recipe.hpp"
#include "model/trainer/state.hpp"
#include "sim/program/program.hpp"
#include "workloads/graph/network.hpp"

namespace octet::sim {

struct StepOutcome {
  double loss_sum = 0.0;  // nats
  std::int64_t correct = 0;
  std::int64_t saturated = 0;  // values outside a delayed range
};

// What a program computes: runs its commands one by one, tile by tile, on named tensors with the
// operations of model/. Changes `state` as one training step does and adds one to its step.
// `order` is another order of the commands (the machine's, say); empty: as they stand.
// Throws octet::Error for a float32 program, for a program of less than a step, for `extremes:
// sample_mean`, and where a command reads what no earlier command wrote.
[[nodiscard]] StepOutcome execute(const Program& program, const workloads::Network& network,
                                  const model::Recipe& recipe, model::TrainingState& state,
                                  std::span<const std::uint8_t> images,
                                  std::span<const std::uint16_t> labels,
                                  const model::SgdRates& rates, std::span<const int> order = {});

}  // namespace octet::sim
