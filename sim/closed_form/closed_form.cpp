#include "sim/closed_form/closed_form.hpp"

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
  // As the machine counts it: the mean over the channels.
  bus.busy = static_cast<std::int64_t>(
      static_cast<double>((reads + writes) * hardware.dram.burst_clocks) / hardware.dram.channels *
      static_cast<double>(hardware.clock_hz) / static_cast<double>(hardware.dram.clock_hz));
  bus.stall = stats.cycles - bus.busy;
  return stats;
}

}  // namespace octet::sim
