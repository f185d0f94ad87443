#include "sim/closed_form/quick_schedule.hpp"

#include <algorithm>
#include <array>

#include "common/error.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kNever = INT64_MAX;

// One transfer after the other, in the order of their starts; rows stay open behind them.
class RateMemory {
 public:
  explicit RateMemory(TransferRates& rates)
      : rates_(rates), open_(static_cast<std::size_t>(rates.banks()), -1) {}

  // The end of a transfer that starts to send in cycle `now`.
  std::int64_t transfer(const Command& c, std::int64_t address, std::int64_t now,
                        std::int64_t weight) {
    const bool write = c.op == Opcode::kStore;
    const TransferRate& rate = rates_.find(write, address, c.runs, c.run_bytes, c.stride);
    const std::int64_t first = rates_.stripe_of(address);
    const TransferRates::Row row = rates_.row_of(first);
    const bool open = open_[static_cast<std::size_t>(row.bank)] == row.row;
    const Side& other = sides_[write ? 0 : 1];
    Side& own = sides_[write ? 1 : 0];
    const auto found = [&](const Side& before) {
      if (open) return Found::kOpenRow;
      return before.bank == row.bank ? Found::kBusyBank : Found::kOtherRow;
    };
    const auto of = [](const std::array<double, kFound>& by, Found f) {
      return by[static_cast<std::size_t>(f)];
    };
    const auto at = static_cast<double>(now);
    double end = at + of(rate.alone, open ? Found::kOpenRow : Found::kOtherRow);
    end = std::max(end, other.end + of(rate.behind, found(other)));
    end = std::max(end, own.end + of(rate.again, found(own)));
    debt_ += rates_.refresh_share() * (end - std::max(at, other.end));
    const auto whole = static_cast<std::int64_t>(end + debt_);
    debt_ += end - static_cast<double>(whole);
    if (!open) activates_ += rate.activates * static_cast<double>(weight);
    const std::int64_t last = rates_.stripe_of(address + (c.runs - 1) * c.stride + c.run_bytes - 1);
    int bank = row.bank;
    open_[static_cast<std::size_t>(bank)] = row.row;
    for (std::int64_t s = std::max(first + 1, last - rates_.banks()); s <= last; ++s) {
      const TransferRates::Row next = rates_.row_of(s);
      bank = next.bank;
      open_[static_cast<std::size_t>(bank)] = next.row;
    }
    own = {static_cast<double>(whole), bank};
    return whole;
  }
  [[nodiscard]] std::int64_t activates() const { return static_cast<std::int64_t>(activates_); }

 private:
  struct Side {
    double end = -1e18;
    int bank = -1;
  };
  TransferRates& rates_;
  std::vector<std::int64_t> open_;  // rows, by bank
  std::array<Side, 2> sides_;       // the last load, the last store
  double debt_ = 0.0;               // parts of cycles
  double activates_ = 0.0;
};

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
      finish(u, start, memory_.transfer(*s.command, s.address, start + 1, s.weight));
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

Schedule quick_schedule_of(const Outline& outline, const Hardware&, TransferRates& rates) {
  return Scheduler(outline, rates).run();
}

}  // namespace octet::sim
