#include "sim/timing/waits.hpp"

#include <array>

namespace octet::sim {

void attribute_waits(const Program& program, const std::vector<Interval>& intervals,
                     StepStats& stats) {
  std::array<std::int64_t, kUnits> free_at;
  free_at.fill(-1);
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const Command& command = program.commands[i];
    const auto unit = static_cast<std::size_t>(unit_of(command.op));
    const std::int64_t gap = intervals[i].start - free_at[unit];
    if (free_at[unit] >= 0 && gap > 0) {
      int last = -1;
      for (const int d : command.deps) {
        if (last < 0 || intervals[d].end > intervals[last].end) last = d;
      }
      // A unit that is free starts the moment the last dependency ends, so there is one.
      if (last >= 0)
        stats.wait(static_cast<int>(unit), static_cast<int>(unit_of(program.commands[last].op))) +=
            gap;
    }
    free_at[unit] = intervals[i].end;
  }
}

}  // namespace octet::sim
