#include "sim/closed_form/closed_form.hpp"

#include "sim/closed_form/counts.hpp"
#include "sim/closed_form/totals.hpp"

namespace octet::sim {

StepStats closed_form(const Program& program, const Hardware& hardware, bool fold) {
  StepStats stats(static_cast<int>(program.layers.size()), kPhases, kStatUnits, kTensorKinds,
                  kPads);
  const Outline outline = outline_of(program, hardware, fold, stats);
  const Schedule schedule = schedule_of(outline, hardware);
  stats.commands = static_cast<std::int64_t>(program.commands.size());
  add_cycles(outline, schedule, stats);
  add_unit_times(outline, schedule, stats);
  add_pad_use(outline, schedule, stats);
  const std::int64_t reads = stats.dram.reads, writes = stats.dram.writes;
  stats.dram = schedule.dram;
  stats.dram.reads = reads;
  stats.dram.writes = writes;
  UnitTime& bus = stats.unit_time[kDramUnit];
  bus.busy = bus_cycles(reads + writes, hardware);
  bus.stall = stats.cycles - bus.busy;
  return stats;
}

}  // namespace octet::sim
