#include "sim/program/lowering/tiles.hpp"

#include <algorithm>

namespace octet::sim {

TileSize largest_rows(std::int64_t batch, std::int64_t height,
                      const std::function<bool(std::int64_t, std::int64_t)>& fits) {
  const auto largest = [](std::int64_t most, const auto& ok) {
    std::int64_t low = 0;  // fits is monotonic: the largest that holds
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
  };
  const std::int64_t images = largest(batch, [&](std::int64_t i) { return fits(i, height); });
  if (images > 0) return {images, height};
  return {1, largest(height - 1, [&](std::int64_t rows) { return fits(1, rows); })};
}

std::vector<RowTile> cut_rows(std::int64_t batch, std::int64_t height, TileSize size) {
  std::vector<RowTile> tiles;
  for (std::int64_t i = 0; i < batch; i += size.images) {
    for (std::int64_t r = 0; r < height; r += size.rows) {
      tiles.push_back({i, std::min(size.images, batch - i), r, std::min(size.rows, height - r)});
    }
  }
  return tiles;
}

std::vector<ColumnTile> cut_columns(std::int64_t groups, std::int64_t per_group, std::int64_t most,
                                    std::int64_t array_cols) {
  std::vector<ColumnTile> tiles;
  if (most >= per_group) {
    const std::int64_t whole = std::min(groups, most / per_group);
    for (const Span& s : cut(groups, whole)) tiles.push_back({s.first, s.count, 0, per_group});
    return tiles;
  }
  if (most > array_cols) most = most / array_cols * array_cols;
  for (std::int64_t g = 0; g < groups; ++g) {
    for (const Span& s : cut(per_group, most)) tiles.push_back({g, 1, s.first, s.count});
  }
  return tiles;
}

std::vector<Span> cut(std::int64_t count, std::int64_t most) {
  std::vector<Span> spans;
  for (std::int64_t i = 0; i < count; i += most) spans.push_back({i, std::min(most, count - i)});
  return spans;
}

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

Span Axis::inputs_of(Span o) const {
  return clipped(o.first * stride - pad,
                 (o.first + o.count - 1) * stride + (kernel - 1) * dilation - pad, in);
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

}  // namespace octet::sim
