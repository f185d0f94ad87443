#pragma once
#include <functional>
#include <utility>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/dram/dram_system.hpp"
#include "sim/timing/clocks.hpp"

namespace octet::sim {

// Told of every run of bytes that reaches the memory, at a clock of the memory's.
using DramObserver =
    std::function<void(std::int64_t address, std::int64_t bytes, bool write, std::int64_t clock)>;

// What one run of a machine has beside others; none of it changes what comes out.
struct RunOptions {
  DramObserver observer;
  bool every_burst = false;  // of the memory: DramSystem
};

// What a load or store command asks of the memory: runs of bytes, `stride` apart.
struct Runs {
  std::int64_t address = 0, count = 0, bytes = 0, stride = 0;
  bool write = false;
};
struct Transfer {
  std::int64_t cycles = 0;  // until the last run is done
  std::int64_t bytes = 0;   // in whole bursts
};

// The memory as the DMAs see it, in cycles of the accelerator. Of one command a run is sent each
// cycle, `dma.in_flight` at most at a time. Transfers follow each other in the order of the calls.
class DmaPort {
 public:
  DmaPort(const Dram& dram, std::int64_t cycle_hz, int in_flight, RunOptions options = {});
  explicit DmaPort(const Hardware& hardware, RunOptions options = {})
      : DmaPort(hardware.dram, hardware.clock_hz, hardware.dma_in_flight, std::move(options)) {}
  Transfer send(const Runs& runs, std::int64_t cycle);
  void finish(std::int64_t cycle);  // refreshes that are due by the end of the work
  [[nodiscard]] const DramSystem& memory() const { return memory_; }

 private:
  ClockRatio to_clocks_, to_cycles_;
  DramSystem memory_;
  DramObserver observer_;
  std::vector<std::int64_t> done_;  // of the runs in flight, in cycles since the command began
};

}  // namespace octet::sim
