#pragma once
#include <cstdint>

#include "workloads/graph/network.hpp"

namespace octet::sim {

struct Span {
  std::int64_t first = 0, count = 0;
  [[nodiscard]] std::int64_t end() const { return first + count; }
  bool operator==(const Span&) const = default;
};

// One direction of a window: input position = output * stride + tap * dilation - pad.
struct Axis {
  std::int64_t in = 1, out = 1, kernel = 1, stride = 1, pad = 0, dilation = 1;
  // Inputs that these outputs read, by the taps given; clipped to the input.
  [[nodiscard]] Span inputs_of(Span outputs) const { return inputs_of(outputs, {0, kernel}); }
  [[nodiscard]] Span inputs_of(Span outputs, Span taps) const;
  [[nodiscard]] Span outputs_of(Span inputs) const;  // clipped to the output
  // Taps by which an input at residue `r` (position mod stride) is reached.
  [[nodiscard]] std::int64_t taps_at(std::int64_t r) const;
};
[[nodiscard]] Axis vertical(const workloads::Node& node);
[[nodiscard]] Axis horizontal(const workloads::Node& node);

// Geometry of conv and fc; fc is a 1x1 window over the flattened input.
struct GemmShape {
  Axis y, x;
  std::int64_t batch = 1, groups = 1, in_c = 1, out_c = 1;
  [[nodiscard]] std::int64_t in_g() const { return in_c / groups; }
  [[nodiscard]] std::int64_t out_g() const { return out_c / groups; }
  [[nodiscard]] std::int64_t taps() const { return y.kernel * x.kernel; }
  [[nodiscard]] std::int64_t reduction() const { return taps() * in_g(); }
};
[[nodiscard]] GemmShape gemm_shape(const workloads::Node& node, int batch);

// The largest number from 1 to `most` for which ok holds, 0 if none; ok is monotonic.
template <class Ok>
[[nodiscard]] std::int64_t largest(std::int64_t most, const Ok& ok) {
  std::int64_t low = 0;
  std::int64_t high = most;
  while (low < high) {
    const std::int64_t middle = (low + high + 1) / 2;
    if (ok(middle)) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low;
}

[[nodiscard]] inline std::int64_t ceil_div(std::int64_t a, std::int64_t b) {
  return (a + b - 1) / b;
}

}  // namespace octet::sim
