#include "sim/timing/transfer.hpp"

#include <algorithm>

namespace octet::sim {

DmaPort::DmaPort(const Dram& dram, std::int64_t cycle_hz, int in_flight, RunOptions options)
    : to_clocks_(dram.clock_hz, cycle_hz),
      to_cycles_(cycle_hz, dram.clock_hz),
      memory_(dram, options.every_burst),
      observer_(std::move(options.observer)),
      done_(static_cast<std::size_t>(in_flight)) {}

Transfer DmaPort::send(const Runs& runs, std::int64_t cycle) {
  std::fill(done_.begin(), done_.end(), 0);
  Transfer sum;
  std::int64_t address = runs.address;
  auto slot = done_.begin();
  for (std::int64_t i = 0; i < runs.count; ++i, address += runs.stride) {
    const DramClock arrival = to_clocks_.up(cycle + std::max(i, *slot));
    if (observer_) observer_(address, runs.bytes, runs.write, arrival);
    const DramClock end = memory_.access(address, runs.bytes, runs.write, arrival);
    *slot = to_cycles_.up(end) - cycle;
    sum.cycles = std::max(sum.cycles, *slot);
    sum.bytes += memory_.moved_bytes(address, runs.bytes);
    if (++slot == done_.end()) slot = done_.begin();
  }
  return sum;
}

void DmaPort::finish(std::int64_t cycle) { memory_.finish(to_clocks_.up(cycle)); }

}  // namespace octet::sim
