#include "sim/dram/in_order_channel.hpp"

namespace octet::sim {

void InOrderChannel::refresh_before(int rank, DramClock arrival) {
  counters_.precharges += timing_.refresh(rank, timing_.refresh_due(rank));
  counters_.refreshes += 1 + timing_.idle_refreshes(rank, arrival);
}

InOrderChannel::Served InOrderChannel::serve(int bank, std::int64_t row, bool write,
                                             DramClock arrival) {
  const DramClock rcd = rcd_[static_cast<std::size_t>(write)];
  for (;;) {
    const std::int64_t open = timing_.open_row(bank);
    DramClock activate = 0, precharge = 0, column = 0;
    if (open == row) {
      column = std::max(arrival, timing_.earliest_column(bank, write));
    } else {
      activate = std::max(arrival, timing_.earliest_activate(bank));
      if (open >= 0) {
        precharge = std::max(arrival, timing_.earliest_precharge(bank));
        activate = std::max(activate, precharge + rp_);
      }
      // The bank's own bound is of the row before and never above activate + tRCD.
      column = std::max(activate + rcd, timing_.earliest_column(bank, write));
    }
    if (column >= limit(bank)) {  // a refresh comes first, and no row is opened in vain
      refresh_before(timing_.rank_of(bank), arrival);
      continue;
    }
    if (open == row) {
      ++counters_.hits;
    } else {
      if (open >= 0) {
        timing_.precharge(bank, precharge);
        ++counters_.precharges;
        ++counters_.conflicts;
      } else {
        ++counters_.misses;
      }
      timing_.activate(bank, row, activate);
      ++counters_.activates;
    }
    ++(write ? counters_.writes : counters_.reads);
    const DramClock done = timing_.column(bank, write, column);
    if (closed_page_) {
      timing_.auto_precharge(bank);
      ++counters_.precharges;
    }
    return {column, done, open == row};
  }
}

void InOrderChannel::refresh_until(DramClock clock) {
  for (int r = 0; refresh_ && r < ranks_; ++r) {
    while (timing_.refresh_due(r) <= clock) refresh_before(r, clock);
  }
}

}  // namespace octet::sim
