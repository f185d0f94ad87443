#pragma once
#include <memory>

#include "sim/closed_form/transfer_rates.hpp"
#include "sim/config/hardware.hpp"
#include "sim/program/lowering/emitter.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// The rates of the memories that were seen, for closed forms of many machines.
class RatesCache {
 public:
  // The memory of a machine. The reference stays good.
  [[nodiscard]] TransferRates& of(const Hardware& hardware);

 private:
  struct Entry {
    Dram dram;
    std::int64_t clock_hz;
    int in_flight;
    std::unique_ptr<TransferRates> rates;
  };
  std::vector<Entry> entries_;
};

// How much of a step is worked out: what sweeps compare (cycles, traffic, activity), or also busy
// times, waits and the use of scratchpads.
enum class Detail : std::uint8_t { kCosts, kAll };

// What run_machine() measures, for sweeps: no program is made, loops are run for a few iterations
// at every depth, and transfers take what TransferRates say; a step of few commands is replayed,
// and all are on a memory that closes its pages or reorders. Bytes, multiply-accumulates, activity
// and traffic are exact, cycles near (docs/timing.md says how near). `lower` may be called more
// than once. Throws octet::Error: what `lower` throws.
[[nodiscard]] StepStats closed_form_by_rates(const Lower& lower, const Hardware& hardware,
                                             RatesCache& rates, Program& program,
                                             Detail detail = Detail::kAll);
// Steps of so many commands are replayed whole.
inline constexpr std::int64_t kWholeCommands = 65536;
// The same with more of each loop, against the memory's own model: later and nearer. A step of no
// more than `whole` commands has all of them, and is the machine's cycle by cycle.
[[nodiscard]] StepStats closed_form_replayed(const Lower& lower, const Hardware& hardware,
                                             Program& program, std::int64_t whole = kWholeCommands);

}  // namespace octet::sim
