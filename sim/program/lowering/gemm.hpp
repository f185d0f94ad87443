#pragma once
#include "sim/program/lowering/sink.hpp"
#include "sim/program/lowering/tiles.hpp"

namespace octet::sim {

// Geometry of conv and fc as the lowering sees it; fc is a 1x1 window over the flattened input.
struct GemmShape {
  Axis y, x;
  std::int64_t batch = 1, groups = 1, in_c = 1, out_c = 1;
  [[nodiscard]] std::int64_t in_g() const { return in_c / groups; }
  [[nodiscard]] std::int64_t out_g() const { return out_c / groups; }
  [[nodiscard]] std::int64_t taps() const { return y.kernel * x.kernel; }
  [[nodiscard]] std::int64_t reduction() const { return taps() * in_g(); }
};
[[nodiscard]] GemmShape gemm_shape(const workloads::Node& node, int batch);

// out = x * w (+ bias, if its scalar command `bias_ready` is given).
void gemm_forward(Builder& builder, const GemmShape& shape, int x, int w, int bias_ready,
                  Sink& sink);
// sink.wide = gradient * w.
void gemm_data_gradient(Builder& builder, const GemmShape& shape, int gradient, int w, Sink& sink);
// dw = gradient * x, stored as f32; db likewise unless -1.
void gemm_weight_gradient(Builder& builder, const GemmShape& shape, int gradient, int x, int dw,
                          int db);

}  // namespace octet::sim
