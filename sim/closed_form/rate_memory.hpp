#pragma once
#include <array>
#include <vector>

#include "sim/closed_form/transfer_rates.hpp"
#include "sim/program/command.hpp"

namespace octet::sim {

// One transfer after the other, in the order of their starts; rows stay open behind them.
class RateMemory {
 public:
  explicit RateMemory(TransferRates& rates)
      : rates_(rates), open_(static_cast<std::size_t>(rates.banks()), -1), due_(rates.refresh().interval) {}

  // The end of a transfer that starts to send in cycle `now`.
  std::int64_t transfer(const Command& c, std::int64_t address, std::int64_t now,
                        std::int64_t weight, std::string* why = nullptr) {
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
    const double busy_until = std::max(own.end, other.end);
    if (rates_.refresh().interval > 0.0) end += refreshed(std::max(at, busy_until), end, at - busy_until, weight, open ? 1.0: 0.0);
    if (why) {
      *why = open ? "open " : "conf ";
      if (end == at + of(rate.alone, open ? Found::kOpenRow : Found::kOtherRow)) *why += "alone";
      else if (end == other.end + of(rate.behind, found(other))) *why += found(other) == Found::kBusyBank ? "behind busy" : "behind";
      else *why += found(own) == Found::kBusyBank ? "again busy" : "again";
    }
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
  void correct(bool write, std::int64_t end) { sides_[write ? 1 : 0].end = static_cast<double>(end); }
  [[nodiscard]] std::int64_t activates() const { return static_cast<std::int64_t>(activates_); }

 private:
  // What refreshes add to a transfer that has the memory from `from` to `end`, `idle` cycles after
  // the one before.
  double refreshed(double from, double end, double idle, std::int64_t weight, double reopens) {
    const TransferRates::Refresh& refresh = rates_.refresh();
    double added = 0.0;
    if (weight == 1) {  // as they come
      while (due_ + refresh.length <= from) {
        due_ += refresh.interval;
        std::fill(open_.begin(), open_.end(), -1);
      }
      while (due_ < end + added) {
        added += due_ <= from ? due_ + refresh.length - from : refresh.length + refresh.reopen;
        due_ += refresh.interval;
        std::fill(open_.begin(), open_.end(), -1);
      }
      return added;
    }
    // It stands for many: what is to be expected, whenever the next one is due.
    const double m = std::clamp(idle, 0.0, refresh.length);
    added = (refresh.length * (end - from + m) - m * m / 2 + (end - from + std::max(0.0, idle)) * refresh.reopen * reopens) / refresh.interval;
    while (due_ < end) due_ += refresh.interval;
    return added;
  }
  struct Side {
    double end = -1e18;
    int bank = -1;
  };
  TransferRates& rates_;
  std::vector<std::int64_t> open_;  // rows, by bank
  std::array<Side, 2> sides_;       // the last load, the last store
  double due_;                      // the next refresh
  double debt_ = 0.0;               // parts of cycles
  double activates_ = 0.0;
};

}  // namespace octet::sim
