#pragma once
#include "sim/config/hardware.hpp"
#include "sim/mapping/geometry.hpp"

namespace octet::sim {

// Which of a layer's three products.
enum class Gemm : std::uint8_t { kForward, kDataGradient, kWeightGradient };

// One product as the mapping sees it. *Pixels* are those of the result (forward: output; data
// gradient: input) or, for the weight gradient, those that are summed over. *Columns* are the
// channels of the weight side, per group. *Depth* is what is cut besides: the reduction over taps
// and input channels (forward), output channels of the group (data gradient), or the rows of the
// result, again taps and input channels (weight gradient).
struct Product {
  Gemm gemm = Gemm::kForward;
  GemmShape shape;
  std::int64_t source_bytes = 1;  // of a value of the activation scratchpad's operand
  std::int64_t weight_bytes = 1;  // of the weight scratchpad's operand
  std::int64_t result_bytes = 4;  // that one result occupies in the accumulators
  bool wide_operand = false;      // 8x16

  [[nodiscard]] bool forward_window() const { return gemm != Gemm::kDataGradient; }
  [[nodiscard]] std::int64_t height() const { return forward_window() ? shape.y.out : shape.y.in; }
  [[nodiscard]] std::int64_t width() const { return forward_window() ? shape.x.out : shape.x.in; }
  [[nodiscard]] std::int64_t columns() const {
    return forward_window() ? shape.out_g() : shape.in_g();
  }
  [[nodiscard]] std::int64_t depth() const {
    return forward_window() ? shape.reduction() : shape.out_g();
  }
  [[nodiscard]] std::int64_t source_height() const {
    return forward_window() ? shape.y.in : shape.y.out;
  }
  [[nodiscard]] std::int64_t source_width() const {
    return forward_window() ? shape.x.in : shape.x.out;
  }
  [[nodiscard]] std::int64_t source_c() const {
    return forward_window() ? shape.in_c : shape.out_c;
  }
  [[nodiscard]] std::int64_t source_g() const { return source_c() / shape.groups; }
};

// How a product is cut. Several images only when their rows are whole, several rows only when
// their width is; several groups only with all their columns.
struct Tiling {
  std::int64_t images = 1, rows = 1, width = 1;  // pixels
  std::int64_t groups = 1, columns = 1;          // columns of each group
  std::int64_t depth = 1;
  // The source of a tile is loaded whole, once for all slices of the depth, or slice by slice; then
  // slices are whole kernel rows, one tap, or channels of one.
  bool sliced = false;
  bool pixels_outer = false;  // forward, data gradient: weights are read again, not the source
  bool operator==(const Tiling&) const = default;
};

// A part of the source: rows and columns of each image, channels of each pixel.
struct SourceBox {
  Span rows, columns, channels;
  [[nodiscard]] std::int64_t elements() const {
    return rows.count * columns.count * channels.count;
  }
};
// Of one image: what pixels `rows` x `columns` read for groups [g0, g0 + g) and the slice `k`.
[[nodiscard]] SourceBox source_box(const Product& product, Span rows, Span columns, Span groups,
                                   Span k);

// Bytes that the largest tile takes of half a scratchpad.
[[nodiscard]] std::int64_t source_tile_bytes(const Product& product, const Tiling& tiling);
[[nodiscard]] std::int64_t weight_tile_bytes(const Product& product, const Tiling& tiling);
[[nodiscard]] std::int64_t result_tile_bytes(const Product& product, const Tiling& tiling);

[[nodiscard]] bool fits(const Product& product, const Tiling& tiling, const Hardware& hw);

// The smallest tile: one pixel, one column, one step of the depth.
[[nodiscard]] Tiling smallest_tiling();

// The rule of thumb: weights as many as fit, then pixels as many as fit. Tiling::images is 0 if
// not even the smallest tile fits.
[[nodiscard]] Tiling default_tiling(const Product& product, const Hardware& hw);

[[nodiscard]] std::int64_t pixel_tiles(const Product& product, const Tiling& tiling);
[[nodiscard]] std::int64_t column_tiles(const Product& product, const Tiling& tiling);

// The slices of the depth one after the other: next_slice(p, t, 0) is the first one, and
// the one after `s` begins at s.end(). Count 0: no more.
[[nodiscard]] Span next_slice(const Product& product, const Tiling& tiling, std::int64_t first);

}  // namespace octet::sim
