#include "sim/closed_form/schedule.hpp"

#include <algorithm>
#include <array>

#include "common/error.hpp"
#include "sim/closed_form/rate_memory.hpp"
#include "sim/timing/transfer.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kNever = INT64_MAX;

// `Memory::transfer(step, cycle)` is the cycle in which a transfer ends that is sent from `cycle`
// on.
template <class Memory>
class Scheduler {
 public:
  Scheduler(const Outline& outline, Memory& memory) : outline_(outline), memory_(memory) {
    const std::size_t n = outline.steps.size();
    intervals_.resize(n, {-1, -1});
    next_.resize(n, -1);
    heads_.fill(-1);
    std::array<std::int32_t, kUnits> tails;
    tails.fill(-1);
    for (std::size_t i = 0; i < n; ++i) {
      const auto u = static_cast<std::size_t>(outline.steps[i].unit);
      (tails[u] < 0 ? heads_[u] : next_[static_cast<std::size_t>(tails[u])]) =
          static_cast<std::int32_t>(i);
      tails[u] = static_cast<std::int32_t>(i);
    }
  }

  std::vector<Interval> run() {
    constexpr auto kLoad = static_cast<std::size_t>(Unit::kDmaLoad);
    constexpr auto kStore = static_cast<std::size_t>(Unit::kDmaStore);
    for (;;) {
      // Units that use no memory can be worked out at once, as far as their dependencies are known.
      bool moved = false;
      for (std::size_t u = 0; u < kLoad; ++u) {
        for (std::int64_t start = ready(u); start != kNever; start = ready(u)) {
          finish(u, start, start + 1 + step(heads_[u]).cycles);
          moved = true;
        }
      }
      if (moved) continue;
      const std::int64_t load = ready(kLoad), store = ready(kStore);
      if (load == kNever && store == kNever) break;
      // At one time the store goes first, as it does on the machine.
      const std::size_t u = load < store ? kLoad : kStore;
      const std::int64_t start = std::min(load, store);
      finish(u, start, memory_.transfer(step(heads_[u]), start + 1));
    }
    for (const std::int32_t head : heads_) {
      if (head >= 0)
        throw Error("found a dependency that never ends, expected an order of the commands");
    }
    return std::move(intervals_);
  }

 private:
  [[nodiscard]] const Outline::Step& step(std::int32_t id) const {
    return outline_.steps[static_cast<std::size_t>(id)];
  }
  // When the unit's next step can start; kNever while something that it depends on is unknown.
  [[nodiscard]] std::int64_t ready(std::size_t unit) const {
    if (heads_[unit] < 0) return kNever;
    const Outline::Step& next = step(heads_[unit]);
    std::int64_t start = free_[unit];
    for (std::uint32_t d = next.deps; d < next.deps_end; ++d) {
      const std::int64_t end = intervals_[static_cast<std::size_t>(outline_.deps[d])].end;
      if (end < 0) return kNever;
      start = std::max(start, end);
    }
    return start;
  }
  void finish(std::size_t unit, std::int64_t start, std::int64_t end) {
    const auto id = static_cast<std::size_t>(heads_[unit]);
    intervals_[id] = {start, end};
    free_[unit] = end;
    heads_[unit] = next_[id];
  }

  const Outline& outline_;
  Memory& memory_;
  std::vector<Interval> intervals_;
  std::vector<std::int32_t> next_;  // of the same unit
  std::array<std::int32_t, kUnits> heads_{};
  std::array<std::int64_t, kUnits> free_{};
};

// The machine's own memory; what a transfer does there counts as often as it stands for one.
class ReplayMemory {
 public:
  explicit ReplayMemory(const Hardware& hardware) : port_(hardware) {}
  std::int64_t transfer(const Outline::Step& step, std::int64_t cycle) {
    const Command& c = *step.command;
    const Runs runs{step.address, c.runs, c.run_bytes, c.stride, c.op == Opcode::kStore};
    const std::int64_t end = cycle + port_.send(runs, cycle).cycles;
    count(step.weight);
    return end;
  }
  [[nodiscard]] DramCounters finish(std::int64_t cycle) {
    port_.finish(cycle);
    count(1);
    return sum_;
  }

 private:
  void count(std::int64_t weight) {
    const DramCounters now = port_.memory().counters();
    sum_.activates += weight * (now.activates - counted_.activates);
    sum_.precharges += weight * (now.precharges - counted_.precharges);
    sum_.refreshes += weight * (now.refreshes - counted_.refreshes);
    sum_.hits += weight * (now.hits - counted_.hits);
    sum_.misses += weight * (now.misses - counted_.misses);
    sum_.conflicts += weight * (now.conflicts - counted_.conflicts);
    counted_ = now;
  }
  DmaPort port_;
  DramCounters sum_, counted_;
};

}  // namespace

Schedule schedule_replayed(const Outline& outline, const Hardware& hardware) {
  ReplayMemory memory(hardware);
  Schedule schedule;
  schedule.intervals = Scheduler(outline, memory).run();
  std::int64_t last = 0;
  for (const Interval& interval : schedule.intervals) last = std::max(last, interval.end);
  schedule.dram = memory.finish(last);
  return schedule;
}

Schedule schedule_by_rates(const Outline& outline, TransferRates& rates) {
  RateMemory memory(rates);
  Schedule schedule;
  schedule.intervals = Scheduler(outline, memory).run();
  schedule.dram.activates = memory.activates();
  return schedule;
}

}  // namespace octet::sim
