#include "sim/closed_form/rate_schedule.hpp"

#include <algorithm>
#include <array>

#include "common/error.hpp"
#include "sim/closed_form/rate_memory.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kNever = INT64_MAX;

class Scheduler {
 public:
  Scheduler(const Outline& outline, TransferRates& rates) : outline_(outline), memory_(rates) {
    const std::size_t n = outline.steps.size();
    schedule_.intervals.resize(n, {-1, -1});
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

  Schedule run() {
    constexpr auto kLoad = static_cast<std::size_t>(Unit::kDmaLoad);
    constexpr auto kStore = static_cast<std::size_t>(Unit::kDmaStore);
    for (;;) {
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
      const std::size_t u = load < store ? kLoad : kStore;
      const std::int64_t start = std::min(load, store);
      const Outline::Step& s = step(heads_[u]);
      finish(u, start, memory_.transfer(*s.command, s.address, start + 1, s.weight, s.typical));
    }
    for (const std::int32_t head : heads_) {
      if (head >= 0)
        throw Error("found a dependency that never ends, expected an order of the commands");
    }
    schedule_.dram.activates = memory_.activates();
    return std::move(schedule_);
  }

 private:
  [[nodiscard]] const Outline::Step& step(std::int32_t id) const {
    return outline_.steps[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] std::int64_t ready(std::size_t unit) const {
    if (heads_[unit] < 0) return kNever;
    const Outline::Step& next = step(heads_[unit]);
    std::int64_t start = free_[unit];
    for (std::uint32_t d = next.deps; d < next.deps_end; ++d) {
      const std::int64_t end = schedule_.intervals[static_cast<std::size_t>(outline_.deps[d])].end;
      if (end < 0) return kNever;
      start = std::max(start, end);
    }
    return start;
  }
  void finish(std::size_t unit, std::int64_t start, std::int64_t end) {
    const auto id = static_cast<std::size_t>(heads_[unit]);
    schedule_.intervals[id] = {start, end};
    free_[unit] = end;
    heads_[unit] = next_[id];
  }

  const Outline& outline_;
  RateMemory memory_;
  Schedule schedule_;
  std::vector<std::int32_t> next_;  // of the same unit
  std::array<std::int32_t, kUnits> heads_{};
  std::array<std::int64_t, kUnits> free_{};
};

}  // namespace

Schedule schedule_by_rates(const Outline& outline, TransferRates& rates) {
  return Scheduler(outline, rates).run();
}

}  // namespace octet::sim
