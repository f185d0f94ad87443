#include "sim/dram/in_order_channel.hpp"

namespace octet::sim {

void InOrderChannel::refresh_before(int rank, DramClock arrival) {
  counters_.precharges += timing_.refresh(rank, timing_.refresh_due(rank));
  counters_.refreshes += 1 + timing_.idle_refreshes(rank, arrival);
  next_due_ = INT64_MAX;
  for (int r = 0; r < ranks_; ++r) next_due_ = std::min(next_due_, timing_.refresh_due(r));
}

void InOrderChannel::refresh_ranks(DramClock clock) {
  for (int r = 0; r < ranks_; ++r) {
    while (timing_.refresh_due(r) <= clock) refresh_before(r, clock);
  }
}

}  // namespace octet::sim
