#pragma once
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"
#include "sim/timing/costs.hpp"

namespace octet::sim {

// Bytes that whole bursts move, and 64-bit words of them counted run by run.
struct Moved {
  std::int64_t bytes = 0, words = 0;
  bool operator==(const Moved&) const = default;
};

// Cycles that bursts keep the data bus, the mean over the channels, as the machine counts them.
[[nodiscard]] std::int64_t bus_cycles(std::int64_t bursts, const Hardware& hardware);
// `times` commands that cost `one`.
void add_times(Counters& sum, const Counters& one, std::int64_t times);
// What transfers like `command` have moved, as the machine counts it.
void add_moved(const Moved& moved, const Command& command, const Program& program,
               std::int64_t burst_bytes, StepStats& stats);

// Adds up what commands move and do, as the machine counts it: integers, exactly.
class Counts {
 public:
  Counts(const Program& program, const Hardware& hardware, StepStats& stats)
      : program_(program), hardware_(hardware), stats_(stats) {}
  // `times` repetitions of one command, each `offset` bytes further in DRAM than the one before.
  // Returns what one of them costs.
  Cost add(const Command& command, std::int64_t times, std::int64_t offset);

 private:
  const Program& program_;
  const Hardware& hardware_;
  StepStats& stats_;
};

// Of `times` transfers of `runs` runs of `bytes`: transfer t's run i begins at
// address + t * offset + i * stride. Burst by burst alignments repeat, so it takes no longer for
// more of them.
[[nodiscard]] Moved moved_by(std::int64_t address, std::int64_t times, std::int64_t offset,
                             std::int64_t runs, std::int64_t stride, std::int64_t bytes,
                             std::int64_t burst_bytes);

}  // namespace octet::sim
