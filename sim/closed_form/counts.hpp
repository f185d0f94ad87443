#pragma once
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"
#include "sim/timing/costs.hpp"

namespace octet::sim {

// Adds up what commands move and do, as the machine counts it: integers, exactly.
class Counts {
 public:
  Counts(const Program& program, const Hardware& hardware, StepStats& stats)
      : program_(program), hardware_(hardware), stats_(stats) {}
  // `times` repetitions of one command, each `offset` bytes further in DRAM than the one before.
  // Returns what one of them costs.
  Cost add(const Command& command, std::int64_t times, std::int64_t offset);

 private:
  void add_transfer(const Command& command, std::int64_t times, std::int64_t offset);
  const Program& program_;
  const Hardware& hardware_;
  StepStats& stats_;
};

// Bytes that whole bursts move, and 64-bit words of them counted run by run.
struct Moved {
  std::int64_t bytes = 0, words = 0;
  bool operator==(const Moved&) const = default;
};
// Of `times` transfers of `runs` runs of `bytes`: transfer t's run i begins at
// address + t * offset + i * stride. Burst by burst alignments repeat, so it takes no longer for
// more of them.
[[nodiscard]] Moved moved_by(std::int64_t address, std::int64_t times, std::int64_t offset,
                             std::int64_t runs, std::int64_t stride, std::int64_t bytes,
                             std::int64_t burst_bytes);

}  // namespace octet::sim
