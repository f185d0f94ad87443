#pragma once
#include <algorithm>

#include "sim/mapping/array.hpp"
#include "sim/mapping/tiling.hpp"

namespace octet::sim {

// Cycles of the MAC array for all tiles of a product, the cycle that issuing takes included: as the
// machine counts them.
[[nodiscard]] std::int64_t compute_cycles(const Product& product, const Tiling& tiling,
                                          Dataflow dataflow, const Hardware& hw);

// The dataflow of fewest cycles among those that the machine has and its ports feed; ties go to the
// first of os, ws, is.
[[nodiscard]] Dataflow best_dataflow(const Product& product, const Tiling& tiling,
                                     const Hardware& hw);

// How often a size occurs when a dimension is cut: whole tiles and the rest.
struct Parts {
  std::int64_t whole = 0, wholes = 0, rest = 0, rests = 0;
  template <class Body>
  std::int64_t sum(const Body& body) const {
    std::int64_t total = wholes > 0 ? wholes * body(whole) : 0;
    if (rests > 0) total += rests * body(rest);
    return total;
  }
};
[[nodiscard]] Parts parts_of(std::int64_t size, std::int64_t tile);
// The slices of the depth, by size.
[[nodiscard]] Parts depth_parts(const Product& product, const Tiling& tiling);

// Tiles of one axis of a data gradient: what begins at the same residue of the stride is alike.
template <class Body>
std::int64_t sum_tiles(const Parts& parts, std::int64_t stride, const Body& body) {
  std::int64_t total = 0;
  for (std::int64_t t = 0; t < std::min(parts.wholes, stride); ++t)
    total += ceil_div(parts.wholes - t, stride) * body(Span{t * parts.whole % stride, parts.whole});
  if (parts.rests > 0) total += body(Span{parts.wholes * parts.whole % stride, parts.rest});
  return total;
}

// What a product asks of the array, by kinds of tiles: visit(work) returns a figure of one command,
// the sum over all of them is returned.
template <class Visit>
std::int64_t sum_of_commands(const Product& p, const Tiling& t, const Hardware& hw,
                             const Visit& visit) {
  const Parts images = parts_of(p.shape.batch, t.images);
  const Parts rows = parts_of(p.height(), t.rows);
  const Parts width = parts_of(p.width(), t.width);
  const Parts groups = parts_of(p.shape.groups, t.groups);
  const Parts columns = parts_of(p.columns(), t.columns);
  const Parts depth = depth_parts(p, t);
  const auto all_columns = [&](const auto& body) {
    return groups.sum([&](auto g) {
      return columns.sum([&](auto n) { return depth.sum([&](auto d) { return body(g, n, d); }); });
    });
  };
  if (p.gemm == Gemm::kDataGradient) {
    const Axis& y = p.shape.y;
    const Axis& x = p.shape.x;
    // Positions of a residue of the stride.
    const auto count = [](Span span, std::int64_t residue, std::int64_t stride) {
      const auto below = [&](std::int64_t end) {
        return residue < end ? (end - residue + stride - 1) / stride : 0;
      };
      return below(span.end()) - below(span.first);
    };
    // A product for each residue of the stride.
    const auto tile = [&](auto i, Span r, Span w, auto g, auto n, auto d) {
      std::int64_t sum = 0;
      for (std::int64_t py = 0; py < y.stride; ++py) {
        for (std::int64_t px = 0; px < x.stride; ++px) {
          const std::int64_t m = i * count(r, py, y.stride) * count(w, px, x.stride);
          if (m > 0) sum += visit(ArrayWork{m, n, y.taps_at(py) * x.taps_at(px) * d, g, 1, 4});
        }
      }
      return sum;
    };
    return images.sum([&](auto i) {
      return sum_tiles(rows, y.stride, [&](Span r) {
        return sum_tiles(width, x.stride, [&](Span w) {
          return all_columns([&](auto g, auto n, auto d) { return tile(i, r, w, g, n, d); });
        });
      });
    });
  }
  const std::int64_t passes =
      p.wide_operand && hw.gradient_datapath == GradientDatapath::kTwoPass ? 2 : 1;
  const std::int64_t sum_bytes = p.gemm == Gemm::kWeightGradient ? p.result_bytes : 4;
  const bool forward = p.gemm == Gemm::kForward;
  return images.sum([&](auto i) {
    return rows.sum([&](auto r) {
      return width.sum([&](auto w) {
        const std::int64_t pixels = i * r * w;
        return all_columns([&](auto g, auto n, auto d) {
          return visit(
              ArrayWork{forward ? pixels : d, n, forward ? d : pixels, g, passes, sum_bytes});
        });
      });
    });
  });
}

}  // namespace octet::sim
