#include "sim/closed_form/rate_memory.hpp"

#include <algorithm>

namespace octet::sim {
namespace {

double of(const std::array<double, kFound>& by, Found found) {
  return by[static_cast<std::size_t>(found)];
}

}  // namespace

RateMemory::RateMemory(TransferRates& rates)
    : rates_(rates),
      banks_(static_cast<std::size_t>(rates.banks())),
      due_(rates.refresh().interval) {}

// Opens a stripe's row in the banks at `places`. True: they were open.
bool RateMemory::open(std::int64_t stripe, std::uint64_t places, Rows& rows) {
  const TransferRates::Row row = rates_.row_of(stripe);
  rows.last = row.bank;
  Bank& bank = banks_[static_cast<std::size_t>(row.bank)];
  if (bank.refreshes != refreshes_) bank = {-1, 0, refreshes_, true};
  if (bank.row == row.row) {
    if ((places & ~bank.opened) == 0) return true;
    bank.opened |= places;
    return false;
  }
  bank.precharged = bank.row < 0;
  bank.row = row.row;
  bank.opened = places;
  return false;
}

RateMemory::Rows RateMemory::open_rows(const Command& c, std::int64_t address) {
  Rows rows;
  const std::int64_t first = rates_.stripe_of(address);
  const std::int64_t end = address + (c.runs - 1) * c.stride + c.run_bytes;
  const std::int64_t last = rates_.stripe_of(end - 1);
  rows.stripe = first;
  if (last == first) {
    const bool was =
        open(first, rates_.places(address, c.runs == 1 ? c.run_bytes : end - address), rows);
    rows.first = rows.last;
    rows.closed = was ? 0.0 : 1.0;
    rows.first_closed = !was;
    rows.precharged = !was && banks_[static_cast<std::size_t>(rows.first)].precharged;
    return rows;
  }
  const std::int64_t stripe_end = (first + 1) * rates_.stripe_bytes();
  std::int64_t closed = 0, touched = 1;
  if (!open(first, rates_.places(address, stripe_end - address), rows)) ++closed;
  rows.first = rows.last;
  rows.first_closed = closed > 0;
  rows.precharged = closed > 0 && banks_[static_cast<std::size_t>(rows.first)].precharged;
  for (std::int64_t s = std::max(first + 1, last - rates_.banks()); s <= last; ++s, ++touched) {
    const std::uint64_t places =
        s == last ? rates_.places(s * rates_.stripe_bytes(), end - s * rates_.stripe_bytes())
                  : ~0ULL;
    if (open(s, places, rows)) continue;
    ++closed;
    rows.second_closed = rows.second_closed || s == first + 1;
  }
  rows.closed = static_cast<double>(closed) / static_cast<double>(touched);
  return rows;
}

// What refreshes add to a transfer that has the memory from `from` to `end`, `idle` cycles after
// the one before.
double RateMemory::refreshed(double from, double end, double idle, double closed,
                             const TransferRate& rate, bool typical) {
  const TransferRates::Refresh& refresh = rates_.refresh();
  double added = 0.0;
  if (!typical) {  // as they come
    for (; due_ < end + added - refresh.data; due_ += refresh.interval, ++refreshes_) {
      if (due_ > from) {
        added += rate.refresh;
      } else {
        added += std::max(0.0, due_ + refresh.length - from);
      }
    }
    return added;
  }
  // It stands for many: what is to be expected, whenever the next one is due.
  idle = std::max(0.0, idle);
  const double late = std::min(idle, refresh.length);
  added = rate.refresh * (end - from) + refresh.length * late - late * late / 2 +
          (1.0 - closed) * refresh.reopen * (end - from + idle);
  while (due_ < end) due_ += refresh.interval;
  return added / refresh.interval;
}

std::int64_t RateMemory::transfer(const Outline::Step& step, std::int64_t now) {
  const Command& c = *step.command;
  const std::int64_t address = step.address;
  const bool typical = step.loop >= 0;
  const bool write = c.op == Opcode::kStore;
  const TransferRate& rate = rates_.find(write, address, c.runs, c.run_bytes, c.stride);
  const Side& other = sides_[write ? 0 : 1];
  Side& own = sides_[write ? 1 : 0];
  const auto at = static_cast<double>(now);
  // Refreshes that were over before.
  const double before = std::max(own.end, other.end);
  const TransferRates::Refresh& refresh = rates_.refresh();
  if (refresh.interval > 0.0) {
    for (; due_ + refresh.length <= std::max(at, before) && !typical; due_ += refresh.interval)
      ++refreshes_;
  }
  const Rows rows = open_rows(c, address);
  const double closed = c.runs > 1 ? rows.closed : rows.first_closed ? 1.0 : 0.0;
  const auto after = [&](const std::array<double, kFound>& by, int bank) {
    const Found found = bank == rows.first ? Found::kBusyBank : Found::kOtherRow;
    return closed * of(by, found) + (1.0 - closed) * of(by, Found::kOpenRow);
  };
  double end = at + after(rate.alone, -1);
  if (rows.precharged) end -= rates_.precharge_cycles();
  if (closed == 0.0 && rows.second_closed) {
    // The next stripe's row is opened meanwhile.
    const std::int64_t head = (rows.stripe + 1) * rates_.stripe_bytes() - address;
    end = std::max(end, at + of(rate.alone, Found::kOtherRow) -
                            static_cast<double>(head) / rates_.bytes_per_cycle());
  }
  end = std::max(
      {end, other.end + after(rate.behind, other.bank), own.end + after(rate.again, own.bank)});
  if (refresh.interval > 0.0)
    end += refreshed(std::max(at, before), end, at - before, closed, rate, typical);
  const auto whole = static_cast<std::int64_t>(end + debt_);
  debt_ += end - static_cast<double>(whole);
  activates_ += rows.closed * rate.activates * static_cast<double>(step.weight);
  own = {static_cast<double>(whole), rows.last};
  return whole;
}

}  // namespace octet::sim
