#include "sim/timing/owners.hpp"

#include <algorithm>
#include <tuple>

namespace octet::sim {
namespace {

// The starts and ends of one unit's commands, which follow each other.
class UnitEvents {
 public:
  void add(std::int32_t command) { commands_.push_back(command); }
  [[nodiscard]] bool done() const { return next_ == commands_.size(); }
  [[nodiscard]] int command() const { return commands_[next_]; }
  [[nodiscard]] bool running() const { return running_; }
  // At one time, ends come before starts: a unit runs one command at a time.
  [[nodiscard]] std::tuple<std::int64_t, bool, int> event(
      const std::vector<Interval>& intervals) const {
    const Interval& interval = intervals[static_cast<std::size_t>(command())];
    return {running_ ? interval.end : interval.start, !running_, command()};
  }
  void pass() {
    if (running_) ++next_;
    running_ = !running_;
  }

 private:
  std::vector<std::int32_t> commands_;
  std::size_t next_ = 0;
  bool running_ = false;
};

}  // namespace

void for_each_owned(const Program& program, const std::vector<Interval>& intervals,
                    const std::function<void(int owner, std::int64_t from, std::int64_t to,
                                             const Running& running)>& owned) {
  std::array<UnitEvents, kUnits> units;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    if (intervals[i].start == intervals[i].end) continue;
    units[static_cast<std::size_t>(unit_of(program.commands.op(i)))].add(
        static_cast<std::int32_t>(i));
  }
  Running running;
  running.fill(-1);
  std::int64_t time = 0;
  while (true) {
    UnitEvents* first = nullptr;
    for (UnitEvents& unit : units) {
      if (unit.done()) continue;
      if (first == nullptr || unit.event(intervals) < first->event(intervals)) first = &unit;
    }
    if (first == nullptr) break;
    const int command = first->command();
    const std::int64_t now = std::get<0>(first->event(intervals));
    if (now > time) {
      const auto top = std::find_if(running.begin(), running.end(), [](int c) { return c >= 0; });
      owned(top != running.end() ? *top : command, time, now, running);
      time = now;
    }
    first->pass();
    running[static_cast<std::size_t>(first - units.data())] = first->running() ? command : -1;
  }
}

}  // namespace octet::sim
