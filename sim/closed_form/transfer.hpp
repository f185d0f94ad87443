#pragma once
#include <algorithm>
#include <vector>

#include "sim/dram/dram_system.hpp"
#include "sim/timing/clocks.hpp"

namespace octet::sim {

// A DMA before a memory: one run a cycle, so many in flight.
class TransferTimer {
 public:
  TransferTimer(const Dram& dram, std::int64_t cycle_hz, int in_flight)
      : dram_hz_(dram.clock_hz), cycle_hz_(cycle_hz), slots_(static_cast<std::size_t>(in_flight)) {}

  // `runs` of `run_bytes`, `stride` bytes apart, sent from cycle `now` on: the cycle in which the
  // last has been moved.
  std::int64_t end(DramSystem& memory, std::int64_t now, std::int64_t address, std::int64_t runs,
                   std::int64_t run_bytes, std::int64_t stride, bool write) {
    std::fill(slots_.begin(), slots_.end(), 0);
    std::int64_t last = 0;
    std::size_t place = 0;
    for (std::int64_t i = 0; i < runs; ++i) {
      std::int64_t& slot = slots_[place];
      if (++place == slots_.size()) place = 0;
      const std::int64_t arrival = scale_up(now + std::max(i, slot), dram_hz_, cycle_hz_);
      const std::int64_t done = memory.access(address + i * stride, run_bytes, write, arrival);
      slot = scale_up(done, cycle_hz_, dram_hz_) - now;
      last = std::max(last, slot);
    }
    return now + last;
  }

 private:
  std::int64_t dram_hz_, cycle_hz_;
  std::vector<std::int64_t> slots_;  // ends of the runs in flight
};

}  // namespace octet::sim
