#include "sim/closed_form/schedule.hpp"

#include <algorithm>
#include <array>

#include "common/error.hpp"
#include "sim/closed_form/transfer.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kNever = INT64_MAX;

class Scheduler {
 public:
  Scheduler(const Outline& outline, const Hardware& hardware)
      : outline_(outline),
        dram_hz_(hardware.dram.clock_hz),
        cycle_hz_(hardware.clock_hz),
        memory_(hardware.dram),
        timer_(hardware.dram, hardware.clock_hz, hardware.dma_in_flight) {
    schedule_.intervals.resize(outline.steps.size(), {-1, -1});
    for (std::size_t i = 0; i < outline.steps.size(); ++i)
      queues_[static_cast<std::size_t>(outline.steps[i].unit)].push_back(
          static_cast<std::int32_t>(i));
  }

  Schedule run() {
    const auto load = static_cast<std::size_t>(Unit::kDmaLoad);
    const auto store = static_cast<std::size_t>(Unit::kDmaStore);
    std::size_t left = outline_.steps.size();
    while (left > 0) {
      const std::size_t before = left;
      // Units that use no memory can be worked out at once, as far as their dependencies are known.
      for (std::size_t u = 0; u < load; ++u) {
        for (std::int64_t start = ready(u); start != kNever; start = ready(u), --left) {
          const std::int32_t id = take(u);
          finish(u, id, start, start + 1 + step(id).cycles);
        }
      }
      if (left != before) continue;
      const std::int64_t load_start = ready(load), store_start = ready(store);
      if (load_start == kNever && store_start == kNever)
        throw Error("found a dependency that never ends, expected an order of the commands");
      // At one time the store goes first, as it does on the machine in all but a few ties.
      const std::size_t u = load_start < store_start ? load : store;
      const std::int64_t start = std::min(load_start, store_start);
      const std::int32_t id = take(u);
      finish(u, id, start, transfer(step(id), start + 1));
      --left;
    }
    memory_.finish(scale_up(last_, dram_hz_, cycle_hz_));
    count(1);
    return std::move(schedule_);
  }

 private:
  [[nodiscard]] const Outline::Step& step(std::int32_t id) const {
    return outline_.steps[static_cast<std::size_t>(id)];
  }
  // When the unit's next step can start; kNever while something that it depends on is unknown.
  [[nodiscard]] std::int64_t ready(std::size_t unit) const {
    if (heads_[unit] == queues_[unit].size()) return kNever;
    const Outline::Step& next = step(queues_[unit][heads_[unit]]);
    std::int64_t start = free_[unit];
    for (std::uint32_t d = next.deps; d < next.deps_end; ++d) {
      const std::int64_t end = schedule_.intervals[static_cast<std::size_t>(outline_.deps[d])].end;
      if (end < 0) return kNever;
      start = std::max(start, end);
    }
    return start;
  }
  std::int32_t take(std::size_t unit) { return queues_[unit][heads_[unit]++]; }
  void finish(std::size_t unit, std::int32_t id, std::int64_t start, std::int64_t end) {
    schedule_.intervals[static_cast<std::size_t>(id)] = {start, end};
    free_[unit] = end;
    last_ = std::max(last_, end);
  }

  std::int64_t transfer(const Outline::Step& s, std::int64_t now) {
    const Command& c = *s.command;
    const std::int64_t end =
        timer_.end(memory_, now, s.address, c.runs, c.run_bytes, c.stride, c.op == Opcode::kStore);
    count(s.weight);
    return end;
  }
  void count(std::int64_t weight) {
    const DramCounters now = memory_.counters();
    DramCounters& sum = schedule_.dram;
    sum.activates += weight * (now.activates - counted_.activates);
    sum.precharges += weight * (now.precharges - counted_.precharges);
    sum.refreshes += weight * (now.refreshes - counted_.refreshes);
    sum.hits += weight * (now.hits - counted_.hits);
    sum.misses += weight * (now.misses - counted_.misses);
    sum.conflicts += weight * (now.conflicts - counted_.conflicts);
    counted_ = now;
  }

  const Outline& outline_;
  std::int64_t dram_hz_, cycle_hz_;
  DramSystem memory_;
  TransferTimer timer_;
  Schedule schedule_;
  std::array<std::vector<std::int32_t>, kUnits> queues_;
  std::array<std::size_t, kUnits> heads_{};
  std::array<std::int64_t, kUnits> free_{};
  std::int64_t last_ = 0;
  DramCounters counted_;
};

}  // namespace

Schedule schedule_of(const Outline& outline, const Hardware& hardware) {
  return Scheduler(outline, hardware).run();
}

}  // namespace octet::sim
