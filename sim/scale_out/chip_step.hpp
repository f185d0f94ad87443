#pragma once
#include <string>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim::scale_out {

// The gradient of one layer's parameters.
struct Bucket {
  std::string layer;
  std::int64_t parameters = 0;
  double ready = 0.0;   // seconds after the step's start, updates not counted
  double update = 0.0;  // seconds that the layer's update owns
};

// One chip's step, cut where other chips' gradients come in.
struct ChipStep {
  double seconds = 0.0;         // of the whole step on one chip alone
  double backward = 0.0;        // of it, all but what updates own: seconds less their sum
  std::vector<Bucket> buckets;  // layers with parameters, in the order in which they are ready
};

// From a run of the program. `parameters` by layer: weights, biases, gammas and betas.
[[nodiscard]] ChipStep chip_step(const Program& program, const std::vector<Interval>& intervals,
                                 const Hardware& hardware,
                                 const std::vector<std::int64_t>& parameters);

}  // namespace octet::sim::scale_out
