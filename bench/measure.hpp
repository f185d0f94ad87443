#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/quant/recipe.hpp"
#include "model/trainer/observe.hpp"
#include "workloads/graph/network.hpp"

namespace octet::bench {

// Median and quartiles (interpolated between the two nearest) and the least of some values.
struct Spread {
  double best = 0.0, lower_quartile = 0.0, median = 0.0, upper_quartile = 0.0;
};
[[nodiscard]] Spread spread_of(std::vector<double> values);  // at least one

// Pixels and labels for one step: addressed random bits, a function of the step alone.
void synthetic_batch(const workloads::Network& network, std::uint32_t step,
                     std::span<std::uint8_t> pixels, std::span<std::uint16_t> labels);

struct MeasureOptions {
  int batch = 128;
  int threads = 2;
  int steps = 0;         // to measure; 0: as many as fit in `seconds`
  double seconds = 5.0;  // of measured steps
};

// Wall-clock seconds of whole training steps on synthetic data, after a warm-up: forward, both
// gradients, Range BN, quantisation, update. Making the data is not part of a step.
struct Measurement {
  std::vector<double> seconds;  // each step, no clock in the engine
  // A second run, half as many steps, with a clock, which costs a little itself. Empty where the
  // engine keeps none (float32).
  std::vector<double> clocked_seconds;
  model::StepClock clock;  // summed over all of clocked_seconds
};
// Throws octet::Error where a width of the network or the batch would overflow.
[[nodiscard]] Measurement measure_steps(const workloads::Network& network,
                                        const model::Recipe& recipe, const MeasureOptions& options);

}  // namespace octet::bench
