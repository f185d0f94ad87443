#include <algorithm>
#include <stdexcept>
#include <string>

#include "workloads/graph/network.hpp"

// The learning rate reaches every weight, so its bits are specified: float32, each written
// operation rounded once, in the written order, and no cosine of a library.
//
// Step t of T (0 <= t < T), W = trunc(f32(T) warmup) steps of warm-up:
//
//   t < W    a + (peak - a) (f32(t) / f32(W)),  a = peak / 25 (one-cycle) or 0 (the others)
//
//   t >= W   one-cycle and cosine (the others: `stepped`, the peak):
//            peak (s s),  s = min(1, sin(pi w)),  w = f32(T - t) / f32(2 (T - W)),  z = w w
//            sin(pi w) := w (c1 + z (c3 + z (c5 + z (c7 + z c9))))
//
// for (1 + cos(pi u)) / 2 = sin^2(pi (1 - u) / 2) with u = (t - W) / (T - W). In this form the end
// is approached with full relative accuracy and the rate is never negative. The coefficients are
// the minimax polynomial of sin(pi w) / w on [0, 1/2] (relative error 5.4e-9), rounded to float32;
// the result is within 5e-7 of the exact share of the peak.

namespace octet::workloads {

namespace {

// sin(pi w), 0 <= w <= 1/2.
float sine_of_half_turns(float w) {
  constexpr float kC1 = 0x1.921fb6p+1F;   //  3.1415927
  constexpr float kC3 = -0x1.4abbc2p+2F;  // -5.1677098
  constexpr float kC5 = 0x1.4668b0p+1F;   //  2.5500698
  constexpr float kC7 = -0x1.324ccap-1F;  // -0.5982421
  constexpr float kC9 = 0x1.3daff6p-4F;   //  0.0775604
  const float z = w * w;
  return std::min(1.0F, w * (kC1 + z * (kC3 + z * (kC5 + z * (kC7 + z * kC9)))));
}

float warming(const Schedule& schedule, long step, long warm) {
  const float peak = schedule.peak_rate;
  const float start = schedule.kind == "one-cycle" ? peak / 25.0F : 0.0F;
  return start + (peak - start) * (static_cast<float>(step) / static_cast<float>(warm));
}

float falling_cosine(float peak, long step, long steps, long warm) {
  const float w = static_cast<float>(steps - step) / static_cast<float>(2 * (steps - warm));
  const float sine = sine_of_half_turns(w);
  return peak * (sine * sine);
}

float stepped(const Schedule& schedule, long epoch) {
  float rate = schedule.peak_rate;
  for (const int milestone : schedule.milestones) {
    if (epoch >= milestone) rate = rate / 10.0F;
  }
  return rate;
}

}  // namespace

float learning_rate(const Schedule& schedule, long step, long steps, long steps_per_epoch) {
  if (step < 0 || step >= steps || steps_per_epoch < 1) {
    throw std::invalid_argument("learning_rate: step " + std::to_string(step) + " of " +
                                std::to_string(steps) + ", " + std::to_string(steps_per_epoch) +
                                " per epoch");
  }
  const long warm = static_cast<long>(static_cast<float>(steps) * schedule.warmup);
  if (step < warm) return warming(schedule, step, warm);
  if (schedule.kind == "one-cycle" || schedule.kind == "cosine") {
    return falling_cosine(schedule.peak_rate, step, steps, warm);
  }
  if (schedule.kind == "step") return stepped(schedule, step / steps_per_epoch);
  if (schedule.kind == "constant") return schedule.peak_rate;
  throw std::invalid_argument("learning_rate: unknown schedule " + schedule.kind);
}

}  // namespace octet::workloads
