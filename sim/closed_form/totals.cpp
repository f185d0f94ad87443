#include "sim/closed_form/totals.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/timing/occupancy.hpp"

namespace octet::sim {
namespace {

std::size_t index_of(Unit unit) { return static_cast<std::size_t>(unit); }

}  // namespace

void add_cycles(const Outline& outline, const Schedule& schedule, StepStats& stats) {
  // Each unit's steps follow each other: of seven lists of intervals, the next event.
  std::array<std::vector<std::int32_t>, kUnits> lists;
  for (std::size_t i = 0; i < outline.steps.size(); ++i) {
    if (schedule.intervals[i].start < schedule.intervals[i].end)
      lists[index_of(outline.steps[i].unit)].push_back(static_cast<std::int32_t>(i));
  }
  std::array<std::size_t, kUnits> next{};
  std::array<bool, kUnits> running{};
  std::int64_t time = 0;
  while (true) {
    std::size_t first = kUnits, top = kUnits;
    std::int64_t now = 0;
    for (std::size_t u = 0; u < kUnits; ++u) {
      if (running[u] && top == kUnits) top = u;
      if (next[u] == lists[u].size()) continue;
      const Interval& interval = schedule.intervals[static_cast<std::size_t>(lists[u][next[u]])];
      const std::int64_t event = running[u] ? interval.end : interval.start;
      // At one time ends come before starts.
      if (first == kUnits || event < now || (event == now && running[u] && !running[first])) {
        first = u;
        now = event;
      }
    }
    if (first == kUnits) break;
    if (now > time) {
      const auto step_of = [&](std::size_t u) -> const Outline::Step& {
        return outline.steps[static_cast<std::size_t>(lists[u][next[u]])];
      };
      const auto give = [&](const Outline::Step& to, std::int64_t weight) {
        const std::int64_t cycles = (now - time) * weight;
        stats.at(to.command->layer, static_cast<int>(to.command->phase), static_cast<int>(to.unit))
            .cycles += cycles;
        stats.cycles += cycles;
      };
      const Outline::Step& owner = step_of(top != kUnits ? top : first);
      give(owner, owner.weight);
      // A loop that runs beside another and was shortened more goes on alone for the rest.
      std::int64_t weight = owner.weight;
      for (std::size_t u = top + 1; u < kUnits; ++u) {
        if (!running[u] || u >= index_of(Unit::kDmaLoad)) continue;
        const Outline::Step& beside = step_of(u);
        if (beside.loop < 0 || beside.loop == owner.loop || beside.weight <= weight) continue;
        give(beside, beside.weight - weight);
        weight = beside.weight;
      }
      time = now;
    }
    if (running[first]) ++next[first];
    running[first] = !running[first];
  }
}

void add_unit_times(const Outline& outline, const Schedule& schedule, StepStats& stats) {
  std::array<std::int64_t, kUnits> free_at;
  free_at.fill(-1);
  for (std::size_t i = 0; i < outline.steps.size(); ++i) {
    const Outline::Step& step = outline.steps[i];
    const Interval& interval = schedule.intervals[i];
    const std::size_t u = index_of(step.unit);
    stats.unit_time[u].busy += step.weight * (interval.end - interval.start);
    const std::int64_t gap = free_at[u] < 0 ? 0 : interval.start - free_at[u];
    free_at[u] = interval.end;
    if (gap <= 0) continue;
    stats.unit_time[u].stall += step.weight * gap;
    std::int64_t last = -1;
    for (std::uint32_t d = step.deps; d < step.deps_end; ++d) {
      const std::int32_t id = outline.deps[d];
      if (last < 0 || schedule.intervals[static_cast<std::size_t>(id)].end >
                          schedule.intervals[static_cast<std::size_t>(last)].end)
        last = id;
    }
    if (last < 0) continue;
    const Unit cause = outline.steps[static_cast<std::size_t>(last)].unit;
    stats.wait(static_cast<int>(u), static_cast<int>(cause)) += step.weight * gap;
  }
}

void add_pad_use(const Outline& outline, const Schedule& schedule, StepStats& stats) {
  std::vector<std::int64_t> last_use(outline.steps.size());
  std::array<std::vector<std::pair<std::int64_t, std::int64_t>>, kPads> changes;
  std::array<double, kPads> byte_cycles{};
  const auto hold = [&](const Outline::Step& step, std::int64_t from, std::int64_t to) {
    const auto pad = static_cast<std::size_t>(step.command->pad);
    const std::int64_t bytes = step.command->dma_bytes();
    changes[pad].emplace_back(from, bytes);
    changes[pad].emplace_back(to, -bytes);
    byte_cycles[pad] += static_cast<double>(step.weight) * static_cast<double>(bytes) *
                        static_cast<double>(to - from);
  };
  for (std::size_t i = 0; i < outline.steps.size(); ++i) {
    const Outline::Step& step = outline.steps[i];
    last_use[i] = schedule.intervals[i].end;
    for (std::uint32_t k = step.deps; k < step.deps_end; ++k) {
      const auto d = static_cast<std::size_t>(outline.deps[k]);
      if (uses_tile(*step.command, *outline.steps[d].command))
        last_use[d] = std::max(last_use[d], schedule.intervals[i].end);
    }
  }
  for (std::size_t i = 0; i < outline.steps.size(); ++i) {
    const Outline::Step& step = outline.steps[i];
    const Interval& interval = schedule.intervals[i];
    if (step.unit == Unit::kDmaLoad) hold(step, interval.start, last_use[i]);
    if (step.unit != Unit::kDmaStore) continue;
    std::int64_t made = interval.start;
    std::int64_t place_free = 0;
    for (std::uint32_t k = step.deps; k < step.deps_end; ++k) {
      const auto d = static_cast<std::size_t>(outline.deps[k]);
      const Outline::Step& maker = outline.steps[d];
      if (maker.command->transfers()) continue;
      made = std::min(made, schedule.intervals[d].start);
      for (std::uint32_t m = maker.deps; m < maker.deps_end; ++m) {
        const auto l = static_cast<std::size_t>(outline.deps[m]);
        const Outline::Step& load = outline.steps[l];
        if (same_tile(*step.command, step.address, *load.command, load.address))
          place_free = std::max(place_free, last_use[l]);
      }
    }
    hold(step, std::min(std::max(made, place_free), interval.end), interval.end);
  }
  for (std::size_t p = 0; p < kPads; ++p) {
    std::sort(changes[p].begin(), changes[p].end());  // what leaves comes first
    std::int64_t held = 0;
    for (const auto& [time, bytes] : changes[p]) {
      held += bytes;
      stats.pads[p].peak_bytes = std::max(stats.pads[p].peak_bytes, held);
    }
    if (stats.cycles > 0)
      stats.pads[p].mean_bytes = byte_cycles[p] / static_cast<double>(stats.cycles);
  }
}

}  // namespace octet::sim
