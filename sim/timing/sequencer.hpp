#pragma once
#include <systemc>

#include "sim/timing/machine.hpp"

namespace octet::sim {

// One SystemC nanosecond stands for one cycle of the accelerator, whatever its clock.
inline const sc_core::sc_time& cycle_time() {
  static const sc_core::sc_time time(1, sc_core::SC_NS);
  return time;
}
inline std::int64_t to_cycles(const sc_core::sc_time& time) {
  return static_cast<std::int64_t>(time.value() / cycle_time().value());
}
inline std::int64_t now_cycles() { return to_cycles(sc_core::sc_time_stamp()); }

// Holds the program: gives each unit its commands in order, each when all that it depends on has
// finished. Issuing takes a cycle.
class Sequencer : public sc_core::sc_module {
 public:
  Sequencer(const sc_core::sc_module_name& name, const Program& program);
  // Blocks the calling thread; -1 after the unit's last command.
  int next(Unit unit);
  void finish(int command);
  [[nodiscard]] const Program& program() const { return program_; }
  [[nodiscard]] std::vector<Interval>& intervals() { return intervals_; }
  [[nodiscard]] std::int64_t finished() const { return finished_; }

 private:
  [[nodiscard]] bool ready(const std::vector<std::int32_t>& deps) const;
  const Program& program_;
  std::array<std::vector<int>, kUnits> queues_;
  std::array<std::size_t, kUnits> heads_{};
  std::vector<char> done_;
  std::vector<Interval> intervals_;
  std::int64_t finished_ = 0;
  sc_core::sc_event some_finished_;
};

}  // namespace octet::sim
