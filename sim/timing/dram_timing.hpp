#pragma once
#include <cstdint>
#include <vector>

#include "sim/config/hardware.hpp"

namespace octet::sim {

// The DRAM's clockwork, in its own clocks: banks with an open row each, one data bus, refresh.
// A run of bytes costs one call whatever its length. docs/timing.md gives the rules.
class DramTiming {
 public:
  explicit DramTiming(const Dram& dram);
  // A request that reaches the controller at `clock`; returns the clock at which its last byte has
  // been delivered. Calls come in the order in which the controller serves them.
  std::int64_t access(std::int64_t address, std::int64_t bytes, std::int64_t clock);
  // Bytes that whole bursts move for this run.
  [[nodiscard]] std::int64_t moved_bytes(std::int64_t address, std::int64_t bytes) const;

  std::int64_t hits = 0, misses = 0, conflicts = 0, refreshes = 0;
  std::int64_t busy_clocks = 0;  // data on the bus

 private:
  struct Bank {
    std::int64_t row = -1;   // open row, or -1
    std::int64_t ready = 0;  // the next command may come
  };
  std::int64_t access_row(std::int64_t row, std::int64_t bursts, std::int64_t clock);
  void refresh_until(std::int64_t clock);

  Dram dram_;
  std::vector<Bank> banks_;
  std::int64_t bus_free_ = 0;
  std::int64_t next_refresh_ = 0;
};

}  // namespace octet::sim
