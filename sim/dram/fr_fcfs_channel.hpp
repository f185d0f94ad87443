#pragma once
#include <vector>

#include "sim/dram/channel_timing.hpp"
#include "sim/dram/counters.hpp"

namespace octet::sim {

// A channel whose controller reorders: first ready, then first come. Reads and writes wait in a
// queue each, from which one request a clock goes to its bank; writes wait until their queue is
// full or no read is there, and are then written in one go. Of the commands that are legal in a
// clock one is issued: banks take turns, and each serves the oldest request of its open row before
// it closes that row (four hits at most while an older request waits for another row).
//
// With Dram::bank_queue 0 there is no second stage: all waiting requests are looked at, the oldest
// ready one goes first, and a request holds its place in the queue until its column command.
//
// Only clocks in which something happens are visited.
class FrFcfsChannel {
 public:
  explicit FrFcfsChannel(const Dram& dram);

  [[nodiscard]] bool has_space(bool write) const {
    const auto w = static_cast<std::size_t>(write);
    return static_cast<int>(waiting_[w].size()) + held_[w] < queue_;
  }
  // Needs space. `clock` >= that of every call before; the channel must have been advanced to it.
  void push(int bank, std::int64_t row, bool write, DramClock clock);
  // All that happens before `clock`.
  void advance(DramClock clock);
  // Until there is space; returns the clock from which there is.
  DramClock advance_to_space(bool write);
  // Until every request has been served, writes too; returns the clock after the last data.
  DramClock drain();
  [[nodiscard]] DramClock clock() const { return now_; }
  [[nodiscard]] DramClock last_data() const { return last_data_; }

  // Sum and greatest of (last data - arrival) over the requests served.
  [[nodiscard]] DramClock latency_sum() const { return latency_sum_; }
  [[nodiscard]] DramClock latency_max() const { return latency_max_; }
  [[nodiscard]] const DramCounters& counters() const { return counters_; }

 private:
  struct Waiting {
    std::int64_t row;
    DramClock arrival;
    std::int64_t order;
    int bank;
    bool write;
    bool opened;    // its own activate was issued
    bool conflict;  // after a precharge for it
  };
  struct BankQueue {
    std::vector<Waiting> entries;  // oldest first
    int hits = 0;                  // columns since the activate
    int first_hit[2] = {-1, -1};   // oldest read, oldest write of the open row; places in entries
  };
  struct Choice {
    DramClock clock = INT64_MAX;
    int entry = -1;
    bool precharge = false;
  };
  [[nodiscard]] Choice choose(int bank) const;
  void find_hits(int bank);
  bool issue();
  void execute(int bank, const Choice& choice);
  bool move();
  bool tick();
  void refresh();
  [[nodiscard]] bool empty() const;

  ChannelTiming timing_;
  DramCounters counters_;
  int queue_, bank_queue_, ranks_;
  bool one_queue_, refreshes_, closed_page_;
  int drain_from_, drain_low_, drain_start_;
  std::vector<Waiting> waiting_[2];  // reads, writes
  int held_[2] = {0, 0};             // places of requests that have gone to their bank
  std::vector<BankQueue> banks_;
  // By bank: no command before this clock; may be too early, never too late. Empty: never.
  std::vector<DramClock> ready_;
  int turn_ = 0;      // the bank served last
  int draining_ = 0;  // writes still to go before reads
  bool flush_ = false;
  DramClock now_ = 0;
  DramClock refresh_due_ = INT64_MAX;
  DramClock next_ready_ = INT64_MAX;  // a lower bound of the next command
  std::int64_t order_ = 0;
  DramClock last_data_ = 0, latency_sum_ = 0, latency_max_ = 0;
};

}  // namespace octet::sim
