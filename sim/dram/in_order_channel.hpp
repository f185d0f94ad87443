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
        closed_page_(dram.page == DramPage::kClosed) {}

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
  void refresh_until(DramClock clock);
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
    counters_ += other.counters_;
    counters_ -= before;
  }

 private:
  void refresh_before(int rank, DramClock arrival);
  ChannelTiming timing_;
  DramCounters counters_;
  std::array<int, 2> rcd_;
  int rp_, ranks_;
  bool refresh_, closed_page_;
};

}  // namespace octet::sim
