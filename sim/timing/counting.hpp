#pragma once
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"
#include "sim/timing/costs.hpp"

namespace octet::sim {

// What a command makes the machine do, counted for its energy: docs/energy.md.
void count(Counters& counters, Activity activity, std::int64_t n);

struct PadActivity {
  Activity read, write;
};
inline constexpr PadActivity kActivationPad{Activity::kSramActivationRead,
                                            Activity::kSramActivationWrite};
inline constexpr PadActivity kWeightPad{Activity::kSramWeightRead, Activity::kSramWeightWrite};
inline constexpr PadActivity kAccumulatorPad{Activity::kSramAccumulatorRead,
                                             Activity::kSramAccumulatorWrite};
// `bytes` of a scratchpad in accesses of one bank's port, rounded up.
void count_sram(Counters& counters, Activity access, const Scratchpad& pad, std::int64_t bytes);
// The scratchpad's side of a load, which writes it, or of a store, which reads it.
void count_dma(Counters& counters, const Command& command, const Hardware& hw);
// What an element command writes of the scratchpad bytes that it moves: its results.
[[nodiscard]] std::int64_t written_bytes(const Command& command, const Program& program);
[[nodiscard]] Activity mac_of(Datapath datapath);
// Register bits of the command's unit x cost.cycles: the clock of a unit is gated while it waits.
void count_clock(Cost& cost, const Command& command, const Program& program, const Hardware& hw);

}  // namespace octet::sim
