#include "sim/timing/attribute.hpp"

#include <algorithm>
#include <array>
#include <tuple>

namespace octet::sim {

void attribute_cycles(const Program& program, const std::vector<Interval>& intervals,
                      StepStats& stats) {
  struct Event {
    std::int64_t time;
    int command;
    bool start;
  };
  std::vector<Event> events;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    if (intervals[i].start == intervals[i].end) continue;
    events.push_back({intervals[i].start, static_cast<int>(i), true});
    events.push_back({intervals[i].end, static_cast<int>(i), false});
  }
  // At one time, ends come before starts: a unit runs one command at a time.
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tuple(a.time, a.start, a.command) < std::tuple(b.time, b.start, b.command);
  });
  std::array<int, kUnits> running;
  running.fill(-1);
  std::int64_t time = 0;
  for (const Event& event : events) {
    if (event.time > time) {
      const auto top = std::find_if(running.begin(), running.end(), [](int c) { return c >= 0; });
      const int owner = top != running.end() ? *top : event.command;
      const Command& c = program.commands[owner];
      stats.at(c.layer, static_cast<int>(c.phase), static_cast<int>(unit_of(c.op))).cycles +=
          event.time - time;
      time = event.time;
    }
    const auto unit = static_cast<std::size_t>(
        unit_of(program.commands.op(static_cast<std::size_t>(event.command))));
    running[unit] = event.start ? event.command : -1;
  }
  stats.cycles = time;
}

}  // namespace octet::sim
