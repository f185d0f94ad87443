#include "sim/views/owners.hpp"

#include <algorithm>
#include <tuple>

namespace octet::sim {

void for_each_owned(const Program& program, const std::vector<Interval>& intervals,
                    const std::function<void(int owner, std::int64_t from, std::int64_t to,
                                             const Running& running)>& owned) {
  struct Event {
    std::int64_t time;
    bool start;
    int command;
  };
  std::vector<Event> events;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    if (intervals[i].start == intervals[i].end) continue;
    events.push_back({intervals[i].start, true, static_cast<int>(i)});
    events.push_back({intervals[i].end, false, static_cast<int>(i)});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tuple(a.time, a.start, a.command) < std::tuple(b.time, b.start, b.command);
  });
  Running running;
  running.fill(-1);
  std::int64_t time = 0;
  for (const Event& event : events) {
    if (event.time > time) {
      const auto top = std::find_if(running.begin(), running.end(), [](int c) { return c >= 0; });
      owned(top != running.end() ? *top : event.command, time, event.time, running);
      time = event.time;
    }
    const Command& c = program.commands[static_cast<std::size_t>(event.command)];
    running[static_cast<std::size_t>(unit_of(c.op))] = event.start ? event.command : -1;
  }
}

}  // namespace octet::sim
