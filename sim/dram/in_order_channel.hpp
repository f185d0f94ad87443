#pragma once
#include <vector>

#include "sim/dram/channel_timing.hpp"
#include "sim/dram/counters.hpp"

namespace octet::sim {

// A channel whose requests are served in the order of arrival. A request's row is opened as soon
// as it has arrived and the bank allows it, while earlier requests still move data; columns never
// overtake. One call a request; its result is final.
class InOrderChannel {
 public:
  explicit InOrderChannel(const Dram& dram)
      : timing_(dram),
        rcd_{dram.t.rcd_rd, dram.t.rcd_wr},
        rp_(dram.t.rp),
        ranks_(dram.ranks),
        refresh_(dram.t.refi > 0),
        closed_page_(dram.page == DramPage::kClosed),
        next_due_(refresh_ ? timing_.refresh_due(0) : INT64_MAX) {}

  struct Served {
    DramClock column = 0;  // its column command
    DramClock done = 0;    // after its last data on the bus
    bool hit = false;
  };
  // `arrival` is not before that of the request before. Clocks grow from 0.
  Served serve(int bank, std::int64_t row, bool write, DramClock arrival);

  // The first clock at which a refresh would come before a column of this bank.
  [[nodiscard]] DramClock limit(int bank) const {
    return refresh_ ? timing_.refresh_due(timing_.rank_of(bank)) : INT64_MAX;
  }
  // Hits that were found to repeat: `skipped` of them, then the state as after a column at `clock`.
  void skip_hits(std::int64_t skipped, bool write) {
    (write ? counters_.writes : counters_.reads) += skipped;
    counters_.hits += skipped;
  }
  DramClock repeat(int bank, bool write, DramClock clock) {
    return timing_.column(bank, write, clock);
  }

  // Refreshes whatever was due by `clock`.
  void refresh_until(DramClock clock) {
    if (clock >= next_due_) refresh_ranks(clock);
  }
  // The same, and forgets times before `clock`, before which no request will come: after this,
  // channels that will behave alike from now on are equal.
  void settle(DramClock clock) {
    refresh_until(clock);
    timing_.forget_before(clock);
  }
  [[nodiscard]] const ChannelTiming& timing() const { return timing_; }
  [[nodiscard]] const DramCounters& counters() const { return counters_; }
  // Becomes what `other`, an equal, has become since its counters were `before`.
  void follow(const InOrderChannel& other, const DramCounters& before) {
    timing_ = other.timing_;
    next_due_ = other.next_due_;
    counters_ += other.counters_;
    counters_ -= before;
  }

 private:
  void refresh_ranks(DramClock clock);
  void refresh_before(int rank, DramClock arrival);
  ChannelTiming timing_;
  DramCounters counters_;
  std::array<int, 2> rcd_;
  int rp_, ranks_;
  bool refresh_, closed_page_;
  DramClock next_due_;  // the first refresh of any rank
};

[[gnu::always_inline]] inline InOrderChannel::Served InOrderChannel::serve(int bank,
                                                                           std::int64_t row,
                                                                           bool write,
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

}  // namespace octet::sim
