#pragma once
#include <vector>

#include "sim/dram/address_map.hpp"
#include "sim/dram/fr_fcfs_channel.hpp"

namespace octet::sim {

// The reordering channels and what feeds them: requests come in order, and one whose channel has no
// space holds up those after it.
class FrFcfsSystem {
 public:
  explicit FrFcfsSystem(const Dram& dram);
  // Hands in one burst at `clock` or as soon after it as there is space; returns when.
  DramClock push(std::int64_t burst, bool write, DramClock clock);
  // Serves all that waits; returns the clock after the last data.
  DramClock drain();
  // A run of bursts that arrive at once, served to the end before the next.
  DramClock run(std::int64_t first, std::int64_t last, bool write, DramClock clock);
  [[nodiscard]] DramCounters counters() const;
  [[nodiscard]] const std::vector<FrFcfsChannel>& channels() const { return channels_; }

 private:
  AddressMap map_;
  std::vector<FrFcfsChannel> channels_;
  DramClock clock_ = 0;  // of the last request handed in
};

}  // namespace octet::sim
