#pragma once
#include "sim/dram/counters.hpp"
#include "sim/dram/load.hpp"

namespace octet::sim {

// Of one request to idle memory, in clocks, from the controller's input to its output.
struct IdleLatency {
  std::int64_t hit = 0, closed = 0, conflict = 0;
};
[[nodiscard]] IdleLatency idle_latency(const Dram& dram);

// What a load gets when as many requests are handed in as the controllers take. Bandwidth counts
// after the first tenth, while the queues are full.
struct DramMeasure {
  std::int64_t requests = 0;
  std::int64_t clocks = 0;  // to the last data
  double bytes_per_second = 0.0;
  double mean_latency = 0.0;  // clocks, queues included
  std::int64_t max_latency = 0;
  DramCounters counters;
};
[[nodiscard]] DramMeasure measure(const Dram& dram, const DramLoad& load, std::int64_t requests);

// The closed form: what a controller can reach at most that opens rows in the order of the
// requests. For each stretch of 4,096 requests the greatest of what the data bus, each bank group's
// columns (tCCD_L), each rank's activates (tFAW, tRRD_S) and each bank's rows (tRC) need, over the
// share of time that refresh leaves. Turnarounds are not in it.
struct DramBound {
  double bytes_per_second = 0.0;
  const char* holds = "";  // what needs the most time
};
[[nodiscard]] DramBound bandwidth_bound(const Dram& dram, const DramLoad& load,
                                        std::int64_t requests);

}  // namespace octet::sim
