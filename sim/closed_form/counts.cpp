#include "sim/closed_form/counts.hpp"

#include <algorithm>
#include <numeric>

#include "sim/timing/machine.hpp"

namespace octet::sim {
void add_times(Counters& sum, const Counters& one, std::int64_t times) {
  sum.sram_bytes += one.sram_bytes * times;
  sum.macs += one.macs * times;
  sum.port_cycles += one.port_cycles * times;
  for (std::size_t i = 0; i < one.activity.size(); ++i) sum.activity[i] += one.activity[i] * times;
}

std::int64_t moved_by(std::int64_t address, std::int64_t runs, std::int64_t stride,
                      std::int64_t bytes, std::int64_t burst_bytes) {
  // Runs until the place in a burst comes again.
  const std::int64_t cycle = std::min(runs, burst_bytes / std::gcd(stride, burst_bytes));
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < cycle; ++i) {
    const std::int64_t at = address + i * stride;
    const std::int64_t first = at / burst_bytes;
    const std::int64_t last = (at + bytes + burst_bytes - 1) / burst_bytes;
    sum += (last - first) * burst_bytes * ((runs - i - 1) / cycle + 1);
  }
  return sum;
}

std::int64_t bus_cycles(std::int64_t bursts, const Hardware& hw) {
  return static_cast<std::int64_t>(static_cast<double>(bursts * hw.dram.burst_clocks) /
                                   hw.dram.channels * static_cast<double>(hw.clock_hz) /
                                   static_cast<double>(hw.dram.clock_hz));
}

void add_moved(std::int64_t bytes, const Command& c, const Program& program,
               std::int64_t burst_bytes, StepStats& stats) {
  const Tensor& tensor = program.tensors[static_cast<std::size_t>(c.a)];
  const bool reads = c.op == Opcode::kLoad;
  Counters& counters = stats.at(c.layer, static_cast<int>(c.phase), kDramUnit);
  counters.dram_bytes += bytes;
  counters.activity[static_cast<std::size_t>(reads ? Activity::kDramRead : Activity::kDramWrite)] +=
      bytes / 8;
  Traffic& traffic = stats.traffic[static_cast<std::size_t>(tensor.kind)];
  (reads ? traffic.read : traffic.written) += bytes;
  if ((c.flags & kRefetch) != 0) traffic.refetched += bytes;
  (reads ? stats.dram.reads : stats.dram.writes) += bytes / burst_bytes;
}

}  // namespace octet::sim
