#pragma once
#include <vector>

#include "sim/scale_out/all_reduce.hpp"
#include "sim/scale_out/chip_step.hpp"

namespace octet::sim::scale_out {

// When a bucket's sum is under way, and its update done: seconds after the step's start.
struct Reduction {
  double start = 0.0, end = 0.0, updated = 0.0;
};

struct Schedule {
  std::int64_t chips = 1;
  double seconds = 0.0;     // of the step
  double reducing = 0.0;    // of it, the links at work
  double exposed = 0.0;     // that the step is longer than on one chip: what overlap does not hide
  double sent_bytes = 0.0;  // by each chip on its busiest link
  std::vector<Reduction> reductions;  // by bucket
};

// The sums run one after the other in the order in which gradients are ready, beside the backward
// pass; updates follow it, each when its sum is there. Gradients are summed together until they
// have `message_bytes`: 0, each layer by itself.
[[nodiscard]] Schedule schedule(const ChipStep& step, double bytes_a_parameter, std::int64_t chips,
                                const Links& links, double message_bytes = 0.0);

}  // namespace octet::sim::scale_out
