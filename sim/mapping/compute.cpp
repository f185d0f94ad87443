#include "sim/mapping/compute.hpp"

#include <algorithm>

namespace octet::sim {

Parts parts_of(std::int64_t size, std::int64_t tile) {
  return {tile, size / tile, size % tile, size % tile > 0 ? 1 : 0};
}

Parts depth_parts(const Product& p, const Tiling& t) {
  const std::int64_t row = p.shape.x.kernel * p.shape.in_g();
  if (!t.sliced || !p.forward_window() || t.depth >= p.depth()) return parts_of(p.depth(), t.depth);
  if (t.depth >= row) return parts_of(p.depth(), t.depth / row * row);
  Parts parts = parts_of(p.shape.in_g(), std::min(t.depth, p.shape.in_g()));
  parts.wholes *= p.shape.taps();
  parts.rests *= p.shape.taps();
  return parts;
}

namespace {

std::int64_t passes_of(const Product& p, const Hardware& hw) {
  return p.wide_operand && hw.gradient_datapath == GradientDatapath::kTwoPass ? 2 : 1;
}

// Positions of each residue in a tile that begins at 0.
std::int64_t residues(std::int64_t count, std::int64_t residue, std::int64_t stride) {
  return residue < count ? (count - residue + stride - 1) / stride : 0;
}

// One tile of a data gradient: a product for each residue of the stride.
std::int64_t data_gradient_cycles(const Product& p, std::int64_t images, std::int64_t rows,
                                  std::int64_t width, std::int64_t groups, std::int64_t columns,
                                  std::int64_t depth, Dataflow flow, const Hardware& hw) {
  const Axis& y = p.shape.y;
  const Axis& x = p.shape.x;
  std::int64_t cycles = 0;
  for (std::int64_t py = 0; py < y.stride; ++py) {
    for (std::int64_t px = 0; px < x.stride; ++px) {
      const std::int64_t m = images * residues(rows, py, y.stride) * residues(width, px, x.stride);
      if (m == 0) continue;
      const std::int64_t k = y.taps_at(py) * x.taps_at(px) * depth;
      cycles += 1 + array_cycles({m, columns, k, groups, 1, 4}, flow, hw);
    }
  }
  return cycles;
}

}  // namespace

std::int64_t compute_cycles(const Product& p, const Tiling& t, Dataflow flow, const Hardware& hw) {
  const Parts images = parts_of(p.shape.batch, t.images);
  const Parts rows = parts_of(p.height(), t.rows);
  const Parts width = parts_of(p.width(), t.width);
  const Parts groups = parts_of(p.shape.groups, t.groups);
  const Parts columns = parts_of(p.columns(), t.columns);
  const Parts depth = depth_parts(p, t);
  const std::int64_t sum_bytes = p.gemm == Gemm::kWeightGradient ? p.result_bytes : 4;
  const std::int64_t passes = passes_of(p, hw);
  const auto tile = [&](auto i, auto r, auto w, auto g, auto n, auto d) {
    if (p.gemm == Gemm::kDataGradient) {
      return data_gradient_cycles(p, i, r, w, g, n, d, flow, hw);
    }
    const std::int64_t pixels = i * r * w;
    const bool forward = p.gemm == Gemm::kForward;
    return 1 + array_cycles({forward ? pixels : d, n, forward ? d : pixels, g, passes, sum_bytes},
                            flow, hw);
  };
  return images.sum([&](auto i) {
    return rows.sum([&](auto r) {
      return width.sum([&](auto w) {
        return groups.sum([&](auto g) {
          return columns.sum(
              [&](auto n) { return depth.sum([&](auto d) { return tile(i, r, w, g, n, d); }); });
        });
      });
    });
  });
}

Dataflow best_dataflow(const Product& p, const Tiling& t, const Hardware& hw) {
  if (hw.dataflow) return *hw.dataflow;
  Dataflow best = Dataflow::kOutput;
  std::int64_t fewest = compute_cycles(p, t, best, hw);
  for (const Dataflow flow : {Dataflow::kWeight, Dataflow::kInput}) {
    if (!ports_feed(flow, hw)) continue;
    const std::int64_t cycles = compute_cycles(p, t, flow, hw);
    if (cycles >= fewest) continue;
    best = flow;
    fewest = cycles;
  }
  return best;
}

}  // namespace octet::sim
