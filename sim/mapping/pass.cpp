#include "sim/mapping/pass.hpp"

#include <algorithm>

#include "sim/mapping/geometry.hpp"

namespace octet::sim {

TileWork TileWork::times(std::int64_t n) const {
  TileWork all = *this;
  all.moved_bytes *= n;
  for (UnitWork* work : {&all.unit, &all.range_bn}) {
    work->steps *= n;
    work->ported_bytes *= n;
  }
  return all;
}

double stream_cycles(const TileWork& tile, std::int64_t tiles, const Streamer& streamer,
                     const Hardware& hw) {
  const auto cycles = [&](const UnitWork& work, int lanes, const Scratchpad& pad) {
    const std::int64_t streamed =
        std::max(ceil_div(work.steps, lanes), ceil_div(work.ported_bytes, pad.bytes_per_cycle()));
    return static_cast<double>(work.commands * (1 + hw.vector_depth) + streamed);
  };
  const double unit = cycles(tile.unit, streamer.lanes, streamer.pad);
  const double range_bn = cycles(tile.range_bn, hw.range_bn.lanes, hw.activation);
  const DramTimes& t = hw.dram.t;
  const double latency = 1.0 + static_cast<double>(t.rcd_rd + t.cl + hw.dram.burst_clocks + 2) *
                                   static_cast<double>(hw.clock_hz) /
                                   static_cast<double>(hw.dram.clock_hz);
  const double memory =
      static_cast<double>(tile.moved_bytes) / hw.dram_bytes_per_cycle() + tile.transfers * latency;
  const double way = memory + unit + range_bn;
  return way + static_cast<double>(tiles - 1) * std::max({memory, unit, range_bn, way / 2});
}

std::int64_t pass_tile(const PassShape& shape, const Streamer& unit, const Hardware& hw) {
  std::int64_t best = 0;
  double least = 0.0;
  for_each_part(shape.granules, [&](std::int64_t n) {
    if (n * shape.pad_bytes > unit.pad.half_bytes()) return;
    const double cycles =
        stream_cycles(shape.granule.times(n), ceil_div(shape.granules, n), unit, hw);
    if (best > 0 && cycles >= least) return;
    best = n;
    least = cycles;
  });
  return std::max<std::int64_t>(best, 1);
}

}  // namespace octet::sim
