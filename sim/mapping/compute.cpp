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

std::int64_t compute_cycles(const Product& p, const Tiling& t, Dataflow flow, const Hardware& hw) {
  return sum_of_commands(p, t, hw,
                         [&](const ArrayWork& work) { return 1 + array_cycles(work, flow, hw); });
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
