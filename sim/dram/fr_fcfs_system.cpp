#include "sim/dram/fr_fcfs_system.hpp"

#include <algorithm>

namespace octet::sim {

FrFcfsSystem::FrFcfsSystem(const Dram& dram)
    : map_(dram), channels_(static_cast<std::size_t>(dram.channels), FrFcfsChannel(dram)) {}

DramClock FrFcfsSystem::push(std::int64_t burst, bool write, DramClock clock) {
  const DramPlace place = map_.place(burst);
  FrFcfsChannel& channel = channels_[static_cast<std::size_t>(place.channel)];
  clock_ = std::max({clock_, clock, channel.clock()});
  channel.advance(clock_);
  if (!channel.has_space(write)) clock_ = std::max(clock_, channel.advance_to_space(write));
  channel.push(place.bank, place.row, write, clock_);
  return clock_;
}

DramClock FrFcfsSystem::drain() {
  DramClock last = 0;
  for (FrFcfsChannel& channel : channels_) last = std::max(last, channel.drain());
  return last;
}

DramClock FrFcfsSystem::run(std::int64_t first, std::int64_t last, bool write, DramClock clock) {
  for (std::int64_t burst = first; burst < last; ++burst) (void)push(burst, write, clock);
  return drain();
}

DramCounters FrFcfsSystem::counters() const {
  DramCounters sum;
  for (const FrFcfsChannel& channel : channels_) sum += channel.counters();
  return sum;
}

}  // namespace octet::sim
