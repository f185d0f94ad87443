#include "sim/closed_form/counts.hpp"

#include <algorithm>
#include <numeric>

#include "sim/timing/machine.hpp"

namespace octet::sim {
namespace {

// Steps of `step` bytes until the place in a burst comes again.
std::int64_t cycle_of(std::int64_t step, std::int64_t burst_bytes) {
  return burst_bytes / std::gcd(step, burst_bytes);
}

}  // namespace

void add_times(Counters& sum, const Counters& one, std::int64_t times) {
  sum.sram_bytes += one.sram_bytes * times;
  sum.macs += one.macs * times;
  sum.port_cycles += one.port_cycles * times;
  for (std::size_t i = 0; i < one.activity.size(); ++i) sum.activity[i] += one.activity[i] * times;
}

Moved moved_by(std::int64_t address, std::int64_t times, std::int64_t offset, std::int64_t runs,
               std::int64_t stride, std::int64_t bytes, std::int64_t burst_bytes) {
  const std::int64_t outer = std::min(times, cycle_of(offset, burst_bytes));
  const std::int64_t inner = std::min(runs, cycle_of(stride, burst_bytes));
  Moved sum;
  for (std::int64_t t = 0; t < outer; ++t) {
    const std::int64_t alike = (times - t - 1) / outer + 1;
    for (std::int64_t i = 0; i < inner; ++i) {
      const std::int64_t at = address + t * offset + i * stride;
      const std::int64_t first = at / burst_bytes;
      const std::int64_t last = (at + bytes + burst_bytes - 1) / burst_bytes;
      const std::int64_t moved = (last - first) * burst_bytes;
      const std::int64_t count = alike * ((runs - i - 1) / inner + 1);
      sum.bytes += moved * count;
      sum.words += moved / 8 * count;
    }
  }
  return sum;
}

std::int64_t bus_cycles(std::int64_t bursts, const Hardware& hw) {
  return static_cast<std::int64_t>(static_cast<double>(bursts * hw.dram.burst_clocks) /
                                   hw.dram.channels * static_cast<double>(hw.clock_hz) /
                                   static_cast<double>(hw.dram.clock_hz));
}

void add_moved(const Moved& moved, const Command& c, const Program& program,
               std::int64_t burst_bytes, StepStats& stats) {
  const Tensor& tensor = program.tensors[static_cast<std::size_t>(c.a)];
  const bool reads = c.op == Opcode::kLoad;
  Counters& counters = stats.at(c.layer, static_cast<int>(c.phase), kDramUnit);
  counters.dram_bytes += moved.bytes;
  counters.activity[static_cast<std::size_t>(reads ? Activity::kDramRead : Activity::kDramWrite)] +=
      moved.words;
  Traffic& traffic = stats.traffic[static_cast<std::size_t>(tensor.kind)];
  (reads ? traffic.read : traffic.written) += moved.bytes;
  if ((c.flags & kRefetch) != 0) traffic.refetched += moved.bytes;
  (reads ? stats.dram.reads : stats.dram.writes) += moved.bytes / burst_bytes;
}

Cost Counts::add(const Command& c, std::int64_t times, std::int64_t offset) {
  const Cost cost = cost_of(c, program_, hardware_);
  const Unit unit = unit_of(c.op);
  add_times(stats_.at(c.layer, static_cast<int>(c.phase), static_cast<int>(unit)), cost.counters,
            times);
  if (unit == Unit::kDmaLoad || unit == Unit::kDmaStore) {
    const std::int64_t burst = hardware_.dram.burst_bytes;
    const std::int64_t address = program_.tensors[static_cast<std::size_t>(c.a)].address + c.offset;
    add_moved(moved_by(address, times, offset, c.runs, c.stride, c.run_bytes, burst), c, program_,
              burst, stats_);
  }
  return cost;
}

}  // namespace octet::sim
