#include "sim/timing/occupancy.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace octet::sim {
namespace {

using Change = std::pair<std::int64_t, std::int64_t>;  // time, bytes more or fewer

PadUse sum_up(std::vector<Change>& changes, std::int64_t cycles) {
  // At one time what leaves comes first: the next tile takes its place.
  std::sort(changes.begin(), changes.end());
  PadUse use;
  double byte_cycles = 0.0;
  std::int64_t held = 0, since = 0;
  for (const auto& [time, bytes] : changes) {
    byte_cycles += static_cast<double>(held) * static_cast<double>(time - since);
    held += bytes;
    since = time;
    use.peak_bytes = std::max(use.peak_bytes, held);
  }
  if (cycles > 0) use.mean_bytes = byte_cycles / static_cast<double>(cycles);
  return use;
}

}  // namespace

bool uses_tile(const Command& c, const Command& load) {
  return !c.transfers() &&
         (c.a == load.a || c.b == load.a || c.c == load.a || c.out == load.a || c.extra == load.a);
}

bool same_tile(const Command& store, std::int64_t store_address, const Command& load,
               std::int64_t load_address) {
  return load.op == Opcode::kLoad && store.a == load.a && store.pad == load.pad &&
         store_address == load_address && store.run_bytes == load.run_bytes &&
         store.runs == load.runs && store.stride == load.stride;
}

void measure_occupancy(const Program& program, const std::vector<Interval>& intervals,
                       StepStats& stats) {
  std::vector<std::int64_t> last_use(intervals.size());
  std::array<std::vector<Change>, kPads> changes;
  const auto hold = [&](const Command& c, std::int64_t from, std::int64_t to) {
    auto& pad = changes[static_cast<std::size_t>(c.pad)];
    pad.emplace_back(from, c.dma_bytes());
    pad.emplace_back(to, -c.dma_bytes());
  };
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const Command& c = program.commands[i];
    last_use[i] = intervals[i].end;
    for (const int d : c.deps) {
      if (uses_tile(c, program.commands[d])) last_use[d] = std::max(last_use[d], intervals[i].end);
    }
  }
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const Command& c = program.commands[i];
    if (c.op == Opcode::kLoad) hold(c, intervals[i].start, last_use[i]);
    if (c.op != Opcode::kStore) continue;
    std::int64_t made = intervals[i].start;
    std::int64_t place_free = 0;  // of the tile in the place of which it was made
    for (const int d : c.deps) {
      const Command& maker = program.commands[d];
      if (maker.transfers()) continue;
      made = std::min(made, intervals[d].start);
      for (const int l : maker.deps) {
        if (same_tile(c, c.offset, program.commands[l], program.commands[l].offset))
          place_free = std::max(place_free, last_use[l]);
      }
    }
    hold(c, std::min(std::max(made, place_free), intervals[i].end), intervals[i].end);
  }
  for (std::size_t p = 0; p < changes.size(); ++p) {
    stats.pads[p] = sum_up(changes[p], stats.cycles);
  }
}

}  // namespace octet::sim
