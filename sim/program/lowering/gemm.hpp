#pragma once
#include "sim/mapping/tiling.hpp"
#include "sim/program/lowering/sink.hpp"

namespace octet::sim {

// out = x * w (+ bias, if its scalar command `bias_ready` is given).
void gemm_forward(Builder& builder, const GemmShape& shape, int x, int w, int bias_ready,
                  Sink& sink);
// sink.wide = gradient * w.
void gemm_data_gradient(Builder& builder, const GemmShape& shape, int gradient, int w, Sink& sink);
// dw = gradient * x, stored as f32; db likewise unless -1.
void gemm_weight_gradient(Builder& builder, const GemmShape& shape, int gradient, int x, int dw,
                          int db);

}  // namespace octet::sim
