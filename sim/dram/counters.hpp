#pragma once
#include <cstdint>

namespace octet::sim {

// What the devices did, over all channels. Energy is priced from these.
struct DramCounters {
  std::int64_t reads = 0, writes = 0;  // bursts
  std::int64_t activates = 0, precharges = 0;
  std::int64_t refreshes = 0;  // of a rank
  // Requests that found their row open, no row open, another row open.
  std::int64_t hits = 0, misses = 0, conflicts = 0;
  DramCounters& operator+=(const DramCounters& o) {
    reads += o.reads;
    writes += o.writes;
    activates += o.activates;
    precharges += o.precharges;
    refreshes += o.refreshes;
    hits += o.hits;
    misses += o.misses;
    conflicts += o.conflicts;
    return *this;
  }
  DramCounters& operator-=(const DramCounters& o) {
    reads -= o.reads;
    writes -= o.writes;
    activates -= o.activates;
    precharges -= o.precharges;
    refreshes -= o.refreshes;
    hits -= o.hits;
    misses -= o.misses;
    conflicts -= o.conflicts;
    return *this;
  }
  bool operator==(const DramCounters&) const = default;
};

}  // namespace octet::sim
