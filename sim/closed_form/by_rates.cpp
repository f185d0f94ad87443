#include "sim/closed_form/by_rates.hpp"

#include "sim/closed_form/counts.hpp"
#include "sim/closed_form/outline_emitter.hpp"
#include "sim/closed_form/rate_schedule.hpp"
#include "sim/closed_form/totals.hpp"

namespace octet::sim {
namespace {

// Loops whose ends are longer than these many iterations are looked at again with more.
constexpr std::int64_t kMostAfter = 1024;

}  // namespace

TransferRates& RatesCache::of(const Hardware& hw) {
  for (const Entry& entry : entries_) {
    if (entry.clock_hz == hw.clock_hz && entry.in_flight == hw.dma_in_flight &&
        entry.dram == hw.dram)
      return *entry.rates;
  }
  entries_.push_back({hw.dram, hw.clock_hz, hw.dma_in_flight,
                      std::make_unique<TransferRates>(hw.dram, hw.clock_hz, hw.dma_in_flight)});
  return *entries_.back().rates;
}

StepStats closed_form_by_rates(const std::function<void(Program& program, Emitter& emitter)>& lower,
                               const Hardware& hw, RatesCache& rates, Program& program,
                               Detail detail) {
  for (Keep keep;; keep.after *= 2) {
    if (keep.after > kMostAfter) keep.before = INT64_MAX / 2;  // every iteration
    program = Program{};
    OutlineEmitter emitter(program, hw, keep);
    lower(program, emitter);
    if (!emitter.exact()) continue;
    StepStats stats(static_cast<int>(program.layers.size()), kPhases, kStatUnits, kTensorKinds,
                    kPads);
    emitter.add_counts(stats);
    TransferRates& memory = rates.of(hw);
    const Schedule schedule = schedule_by_rates(emitter.outline(), memory);
    emitter.settle(schedule.intervals);
    add_cycles(emitter.outline(), schedule, stats);
    const std::int64_t bursts = stats.dram.reads + stats.dram.writes;
    stats.dram.activates = stats.dram.precharges = stats.dram.conflicts = schedule.dram.activates;
    stats.dram.hits = bursts - stats.dram.conflicts;
    if (memory.refresh().interval > 0.0)
      stats.dram.refreshes =
          static_cast<std::int64_t>(static_cast<double>(stats.cycles) / memory.refresh().interval) *
          hw.dram.channels * hw.dram.ranks;
    UnitTime& bus = stats.unit_time[kDramUnit];
    bus.busy = bus_cycles(bursts, hw);
    bus.stall = stats.cycles - bus.busy;
    if (detail == Detail::kAll) {
      add_unit_times(emitter.outline(), schedule, stats);
      add_pad_use(emitter.outline(), schedule, stats);
    }
    return stats;
  }
}

}  // namespace octet::sim
