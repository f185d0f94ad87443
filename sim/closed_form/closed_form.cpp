#include "sim/closed_form/closed_form.hpp"

#include "sim/closed_form/counts.hpp"
#include "sim/closed_form/outline_emitter.hpp"
#include "sim/closed_form/schedule.hpp"
#include "sim/closed_form/totals.hpp"

namespace octet::sim {
namespace {

// Loops whose ends are longer than these many iterations are looked at again with more.
constexpr std::int64_t kMostAfter = 1024;
// So few commands are replayed sooner than their memory's rates are measured.
constexpr std::int64_t kFewCommands = 1024;
// The memory is slower to repeat itself than a loop: rows, refreshes, the places of two streams.
constexpr Keep kKeepOfModel{8, 8, 32, 8};

// Every iteration of every loop.
Keep all_of(Keep keep) {
  keep.before = keep.again = INT64_MAX / 2;
  return keep;
}

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

namespace {

// Lowers until what was left out of the loops is known to be what was kept, and once more if there
// are no more than `whole` commands, then with all of them; then the counts, and what `times` makes
// of the outline.
StepStats shortened(const Lower& lower, const Hardware& hw, Keep keep, std::int64_t whole,
                    Program& program,
                    const std::function<void(OutlineEmitter& emitter, StepStats& stats)>& times) {
  for (;; keep.after *= 2) {
    if (keep.after > kMostAfter) keep = all_of(keep);
    program = Program{};
    OutlineEmitter emitter(program, hw, keep);
    lower(program, emitter);
    if (!emitter.exact()) continue;
    StepStats stats(static_cast<int>(program.layers.size()), kPhases, kStatUnits, kTensorKinds,
                    kPads);
    emitter.add_counts(stats);
    if (emitter.shortened() && stats.commands <= whole) {
      keep = all_of(keep);
      continue;
    }
    times(emitter, stats);
    UnitTime& bus = stats.unit_time[kDramUnit];
    bus.busy = bus_cycles(stats.dram.reads + stats.dram.writes, hw);
    bus.stall = stats.cycles - bus.busy;
    return stats;
  }
}

void add_details(const OutlineEmitter& emitter, const Schedule& schedule, StepStats& stats) {
  add_unit_times(emitter.outline(), schedule, stats);
  add_pad_use(emitter.outline(), schedule, stats);
}

}  // namespace

StepStats closed_form_by_rates(const Lower& lower, const Hardware& hw, RatesCache& rates,
                               Program& program, Detail detail) {
  // Rates are of rows that stay open until another is needed, of requests in their order.
  if (!plain_memory(hw.dram)) return closed_form_replayed(lower, hw, program);
  bool few = false;
  const auto times = [&](OutlineEmitter& emitter, StepStats& stats) {
    few = stats.commands <= kFewCommands;
    if (few) return;
    TransferRates& memory = rates.of(hw);
    const Schedule schedule = schedule_by_rates(emitter.outline(), memory);
    emitter.settle(schedule.intervals);
    add_cycles(emitter.outline(), schedule, stats);
    DramCounters& dram = stats.dram;
    dram.activates = dram.precharges = dram.conflicts = schedule.dram.activates;
    dram.hits = dram.reads + dram.writes - dram.conflicts;
    if (memory.refresh().interval > 0.0)
      dram.refreshes =
          static_cast<std::int64_t>(static_cast<double>(stats.cycles) / memory.refresh().interval) *
          hw.dram.channels * hw.dram.ranks;
    if (detail == Detail::kAll) add_details(emitter, schedule, stats);
  };
  StepStats stats = shortened(lower, hw, {}, 0, program, times);
  return few ? closed_form_replayed(lower, hw, program) : stats;
}

StepStats closed_form_replayed(const Lower& lower, const Hardware& hw, Program& program,
                               std::int64_t whole) {
  return shortened(lower, hw, kKeepOfModel, whole, program,
                   [&](OutlineEmitter& emitter, StepStats& stats) {
                     const Schedule schedule = schedule_replayed(emitter.outline(), hw);
                     add_cycles(emitter.outline(), schedule, stats);
                     const std::int64_t reads = stats.dram.reads, writes = stats.dram.writes;
                     stats.dram = schedule.dram;
                     stats.dram.reads = reads;
                     stats.dram.writes = writes;
                     add_details(emitter, schedule, stats);
                   });
}

}  // namespace octet::sim
