#include "sim/mapping/tiling.hpp"

#include <algorithm>

namespace octet::sim {
namespace {

// The most positions that any `count` outputs (or, back, inputs) of an axis reach. The window of an
// interior tile is the largest there can be; clipping to the source bounds it.
std::int64_t most_reached(const Product& p, const Axis& axis, std::int64_t count,
                          std::int64_t taps) {
  if (p.forward_window()) {
    return std::min(axis.in, (count - 1) * axis.stride + (taps - 1) * axis.dilation + 1);
  }
  return std::min(axis.out, ((count - 1) + (axis.kernel - 1) * axis.dilation) / axis.stride + 1);
}

struct Slice {
  std::int64_t kernel_rows, kernel_columns, channels;
};

// Taps and channels that a slice of `depth` may touch, for one group.
Slice slice_extent(const Product& p, std::int64_t depth) {
  const GemmShape& s = p.shape;
  const std::int64_t row = s.x.kernel * s.in_g();
  if (depth >= s.reduction()) return {s.y.kernel, s.x.kernel, s.in_g()};
  if (depth >= row) {
    return {std::min(s.y.kernel, depth / row), s.x.kernel, s.in_g()};
  }
  return {1, 1, std::min(depth, s.in_g())};
}

}  // namespace

SourceBox source_box(const Product& p, Span rows, Span columns, Span groups, Span k) {
  const GemmShape& s = p.shape;
  if (!p.forward_window()) {
    const bool whole = k.count == p.depth();
    return {s.y.outputs_of(rows), s.x.outputs_of(columns),
            whole ? Span{groups.first * s.out_g(), groups.count * s.out_g()}
                  : Span{groups.first * s.out_g() + k.first, k.count}};
  }
  const std::int64_t first_tap = k.first / s.in_g();
  const std::int64_t last_tap = (k.end() - 1) / s.in_g();
  const std::int64_t i0 = first_tap / s.x.kernel;
  const std::int64_t i1 = last_tap / s.x.kernel;
  const Span taps_y{i0, i1 - i0 + 1};
  const Span taps_x =
      i0 == i1 ? Span{first_tap % s.x.kernel, last_tap - first_tap + 1} : Span{0, s.x.kernel};
  Span channels{groups.first * s.in_g(), groups.count * s.in_g()};
  if (first_tap == last_tap && groups.count == 1) {
    channels = {groups.first * s.in_g() + k.first % s.in_g(), k.count};
  }
  return {s.y.inputs_of(rows, taps_y), s.x.inputs_of(columns, taps_x), channels};
}

std::int64_t source_tile_bytes(const Product& p, const Tiling& t) {
  const std::int64_t depth = t.sliced ? t.depth : p.depth();
  const Slice slice = p.forward_window() ? slice_extent(p, depth)
                                         : Slice{p.shape.y.kernel, p.shape.x.kernel, depth};
  const std::int64_t rows = t.rows == p.height()
                                ? p.source_height()
                                : most_reached(p, p.shape.y, t.rows, slice.kernel_rows);
  const std::int64_t columns = t.width == p.width()
                                   ? p.source_width()
                                   : most_reached(p, p.shape.x, t.width, slice.kernel_columns);
  return t.images * rows * columns * t.groups * slice.channels * p.source_bytes;
}

std::int64_t weight_tile_bytes(const Product& p, const Tiling& t) {
  const std::int64_t columns = t.groups * t.columns;
  switch (p.gemm) {
    case Gemm::kForward:
      return columns * t.depth * p.weight_bytes;
    case Gemm::kDataGradient:
      return columns * t.depth * p.shape.taps() * p.weight_bytes;
    case Gemm::kWeightGradient:
      break;
  }
  return t.images * t.rows * t.width * columns * p.weight_bytes;
}

std::int64_t result_tile_bytes(const Product& p, const Tiling& t) {
  const std::int64_t rows = p.gemm == Gemm::kWeightGradient ? t.depth : t.images * t.rows * t.width;
  return rows * t.groups * t.columns * p.result_bytes;
}

bool fits(const Product& p, const Tiling& t, const Hardware& hw) {
  // Channels of several groups are one run only if they are whole.
  if (t.groups > 1 && p.gemm == Gemm::kDataGradient && t.depth < p.depth()) return false;
  if (t.groups > 1 && t.sliced && t.depth < p.shape.in_g()) return false;
  return source_tile_bytes(p, t) <= hw.activation.half_bytes() &&
         weight_tile_bytes(p, t) <= hw.weight.half_bytes() &&
         result_tile_bytes(p, t) <= hw.accumulator.half_bytes();
}

Tiling smallest_tiling() {
  Tiling t;
  t.sliced = true;
  return t;
}

Span next_slice(const Product& p, const Tiling& t, std::int64_t first) {
  const std::int64_t depth = p.depth();
  std::int64_t count = std::min(t.depth, depth - first);
  if (t.sliced && p.forward_window() && first < depth) {
    const std::int64_t row = p.shape.x.kernel * p.shape.in_g();
    if (t.depth >= row) {
      count = std::min(t.depth / row * row, depth - first);
    } else {
      const std::int64_t channel = first % p.shape.in_g();
      count = std::min(std::min(t.depth, p.shape.in_g()), p.shape.in_g() - channel);
    }
  }
  return {first, count};
}

std::int64_t pixel_tiles(const Product& p, const Tiling& t) {
  return ceil_div(p.shape.batch, t.images) * ceil_div(p.height(), t.rows) *
         ceil_div(p.width(), t.width);
}

std::int64_t column_tiles(const Product& p, const Tiling& t) {
  return ceil_div(p.shape.groups, t.groups) * ceil_div(p.columns(), t.columns);
}

namespace {

// As many groups and columns as `most` columns hold; whole array widths where it holds several.
void set_columns(const Product& p, std::int64_t most, const Hardware& hw, Tiling& t) {
  most = std::max<std::int64_t>(1, most);
  if (most >= p.columns()) {
    t.groups = std::min(p.shape.groups, most / p.columns());
    t.columns = p.columns();
    return;
  }
  t.groups = 1;
  t.columns = most > hw.cols ? most / hw.cols * hw.cols : most;
}

// Pixels as many as fit: images, else rows, else a part of one row. False: not even one pixel.
bool set_pixels(const Product& p, const Hardware& hw, Tiling& t) {
  const auto ok = [&](std::int64_t images, std::int64_t rows, std::int64_t width) {
    Tiling tried = t;
    tried.images = images;
    tried.rows = rows;
    tried.width = width;
    return fits(p, tried, hw);
  };
  t.images = largest(p.shape.batch, [&](auto n) { return ok(n, p.height(), p.width()); });
  t.rows = p.height();
  t.width = p.width();
  if (t.images > 0) return true;
  t.images = 1;
  t.rows = largest(p.height() - 1, [&](auto n) { return ok(1, n, p.width()); });
  if (t.rows > 0) return true;
  t.rows = 1;
  t.width = largest(p.width() - 1, [&](auto n) { return ok(1, 1, n); });
  return t.width > 0;
}

Tiling default_stream(const Product& p, const Hardware& hw) {
  const std::int64_t half_w = hw.weight.half_bytes();
  const std::int64_t half_c = hw.accumulator.half_bytes();
  const std::int64_t unit = p.weight_bytes * (p.gemm == Gemm::kForward ? 1 : p.shape.taps());
  const std::int64_t narrow = std::min<std::int64_t>(p.columns(), hw.cols);
  Tiling t;
  t.depth = p.depth();
  std::int64_t most = half_w / (t.depth * unit);
  if (most < narrow) {  // the depth is cut: weights of `narrow` columns, a slice at a time
    most = std::max<std::int64_t>(1, std::min(narrow, half_w / unit));
    t.depth = std::max<std::int64_t>(1, half_w / (most * unit));
  }
  const std::int64_t whole_row = half_c / (p.width() * p.result_bytes);
  set_columns(p, std::min(most, whole_row), hw, t);
  return t;
}

Tiling default_weight_gradient(const Product& p, const Hardware& hw) {
  const std::int64_t cap = hw.accumulator.half_bytes() / p.result_bytes;
  const std::int64_t row_most = hw.weight.half_bytes() / (p.width() * p.weight_bytes);
  const std::int64_t depth = p.depth();
  const std::int64_t height = std::min<std::int64_t>(depth, hw.rows);
  std::int64_t most = std::max<std::int64_t>(1, std::min(row_most, cap / height));
  if (most >= p.columns()) most = std::max(p.columns(), std::min(row_most, cap / depth));
  Tiling t;
  set_columns(p, most, hw, t);
  t.depth = t.groups > 1 ? depth : std::max<std::int64_t>(1, std::min(depth, cap / t.columns));
  return t;
}

}  // namespace

Tiling default_tiling(const Product& p, const Hardware& hw) {
  Tiling t =
      p.gemm == Gemm::kWeightGradient ? default_weight_gradient(p, hw) : default_stream(p, hw);
  bool found = set_pixels(p, hw, t);
  if (!found && t.depth < p.depth()) {
    t.sliced = true;
    found = set_pixels(p, hw, t);
  }
  // Not even one pixel: one group, then fewer columns and a thinner slice, until one does.
  t.sliced = !found;
  while (!found && (t.groups > 1 || t.depth > 1 || t.columns > 1)) {
    if (t.groups > 1) {
      t.groups = 1;
    } else if (t.depth > 1 && t.depth * p.shape.taps() >= t.columns) {
      const std::int64_t row = p.shape.x.kernel * p.shape.in_g();
      if (p.forward_window() && t.depth > row) {
        t.depth = (t.depth - 1) / row * row;
      } else if (p.forward_window() && t.depth > p.shape.in_g()) {
        t.depth = p.shape.in_g();
      } else {
        t.depth = (t.depth + 1) / 2;
      }
    } else {
      t.columns = (t.columns + 1) / 2;
    }
    found = set_pixels(p, hw, t);
  }
  if (!found) {
    t.images = 0;
    return t;
  }
  const std::int64_t weights = p.shape.reduction() * p.shape.out_c * p.weight_bytes;
  const std::int64_t source =
      p.shape.batch * p.source_height() * p.source_width() * p.source_c() * p.source_bytes;
  t.pixels_outer = weights * (pixel_tiles(p, t) - 1) < source * (column_tiles(p, t) - 1);
  return t;
}

}  // namespace octet::sim
