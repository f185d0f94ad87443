#include "sim/mapping/geometry.hpp"

#include <algorithm>

namespace octet::sim {
namespace {

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
  return a >= 0 ? a / b : -((b - 1 - a) / b);
}

Span clipped(std::int64_t first, std::int64_t last, std::int64_t size) {
  first = std::clamp<std::int64_t>(first, 0, size);
  last = std::clamp<std::int64_t>(last + 1, first, size);
  return {first, last - first};
}

}  // namespace

Span Axis::inputs_of(Span o, Span taps) const {
  return clipped(o.first * stride + taps.first * dilation - pad,
                 (o.first + o.count - 1) * stride + (taps.end() - 1) * dilation - pad, in);
}

Span Axis::outputs_of(Span i) const {
  const std::int64_t reach = (kernel - 1) * dilation;
  return clipped(-floor_div(-(i.first + pad - reach), stride),
                 floor_div(i.first + i.count - 1 + pad, stride), out);
}

std::int64_t Axis::taps_at(std::int64_t r) const {
  std::int64_t taps = 0;
  for (std::int64_t i = 0; i < kernel; ++i) {
    if (floor_div(r + pad - i * dilation, stride) * stride == r + pad - i * dilation) ++taps;
  }
  return taps;
}

Axis vertical(const workloads::Node& node) {
  if (node.op == workloads::Op::kFullyConnected) return {};
  const workloads::Window& w = node.window;
  return {node.in.height, node.out.height, w.kernel_h, w.stride_h, w.pad_h, w.dilation_h};
}

Axis horizontal(const workloads::Node& node) {
  if (node.op == workloads::Op::kFullyConnected) return {};
  const workloads::Window& w = node.window;
  return {node.in.width, node.out.width, w.kernel_w, w.stride_w, w.pad_w, w.dilation_w};
}

GemmShape gemm_shape(const workloads::Node& node, int batch) {
  GemmShape shape{vertical(node), horizontal(node), batch, 1, node.in.channels, node.out.channels};
  if (node.op == workloads::Op::kFullyConnected) {
    shape.in_c = node.in.elements();
  } else {
    shape.groups = node.window.groups;
  }
  return shape;
}

}  // namespace octet::sim
