#pragma once
#include <optional>
#include <vector>

#include "sim/dram/address_map.hpp"
#include "sim/dram/fr_fcfs_system.hpp"
#include "sim/dram/in_order_channel.hpp"

namespace octet::sim {

inline constexpr DramClock kControllerClocks = 2;  // request in, data out

// All channels and their controllers, in DRAM clocks. A run of bytes is split into bursts, these
// among the channels by the address mapping. docs/timing.md gives the rules.
class DramSystem {
 public:
  // `every_burst`: bursts are worked out one by one, without shortcuts, for the same result.
  explicit DramSystem(const Dram& dram, bool every_burst = false);

  // A run that reaches the controllers at `clock`; returns the clock at which its last byte has
  // been delivered. Runs queue up in the order of the calls: one that comes with an earlier clock
  // than the call before arrives with it.
  DramClock access(std::int64_t address, std::int64_t bytes, bool write, DramClock clock);
  // What is due by `clock`, the end of the work, in all channels.
  void finish(DramClock clock);
  // Bytes that whole bursts move for this run.
  [[nodiscard]] std::int64_t moved_bytes(std::int64_t address, std::int64_t bytes) const {
    return (end_burst(address, bytes) - (address >> burst_shift_)) << burst_shift_;
  }
  [[nodiscard]] DramCounters counters() const;
  // Clocks in which the data bus of a channel is busy, the mean over the channels.
  [[nodiscard]] double busy_clocks() const;

 private:
  DramClock single(std::int64_t burst, bool write);
  DramClock in_stripe(std::int64_t first, std::int64_t last, bool write);
  DramClock channel_stripe(InOrderChannel& channel, std::size_t number, std::int64_t first,
                           std::int64_t last, const DramPlace& base, bool write);
  void find_visits();
  DramClock whole_lines(std::int64_t first, std::int64_t last, bool write);

  struct Visit {
    std::int64_t at;  // place in a pass
    int bank;         // added to the stripe's
  };
  [[nodiscard]] std::int64_t end_burst(std::int64_t address, std::int64_t bytes) const {
    return (address + bytes + dram_.burst_bytes - 1) >> burst_shift_;
  }
  Dram dram_;
  bool every_burst_;
  int burst_shift_;  // bursts are powers of two
  AddressMap map_;
  std::vector<InOrderChannel> channels_;
  // A pass, in one channel.
  struct Pass {
    std::vector<Visit> visits;
    int cadence = 0;  // clocks between columns of open rows; 0: they vary
  };
  std::vector<Pass> passes_;  // by channel
  struct Start {              // of a channel whose run was worked out
    std::size_t channel;
    ChannelTiming timing;
    DramCounters counters;
  };
  std::vector<Start> starts_;
  std::vector<DramPlace> stripes_;  // of the run in hand
  bool channels_lowest_ = false;    // neighbouring bursts lie in neighbouring channels
  DramClock arrival_ = 0;           // of the run in hand
  std::vector<DramClock> columns_, columns_before_;
  std::optional<FrFcfsSystem> reordering_;
};

}  // namespace octet::sim
