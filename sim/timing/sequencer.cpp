#include "sim/timing/sequencer.hpp"

#include <algorithm>

namespace octet::sim {

Sequencer::Sequencer(const sc_core::sc_module_name& name, const Program& program)
    : sc_core::sc_module(name),
      program_(program),
      done_(program.commands.size(), 0),
      intervals_(program.commands.size()) {
  for (std::size_t i = 0; i < program.commands.size(); ++i) {
    queues_[static_cast<std::size_t>(unit_of(program.commands.op(i)))].push_back(
        static_cast<int>(i));
  }
}

bool Sequencer::ready(const std::vector<std::int32_t>& deps) const {
  return std::all_of(deps.begin(), deps.end(), [&](int d) { return done_[d] != 0; });
}

int Sequencer::next(Unit unit) {
  const auto u = static_cast<std::size_t>(unit);
  if (heads_[u] == queues_[u].size()) return -1;
  const int command = queues_[u][heads_[u]++];
  const std::vector<std::int32_t> deps = program_.commands[static_cast<std::size_t>(command)].deps;
  while (!ready(deps)) sc_core::wait(some_finished_);
  intervals_[command].start = now_cycles();
  sc_core::wait(cycle_time());
  return command;
}

void Sequencer::finish(int command) {
  intervals_[command].end = now_cycles();
  done_[command] = 1;
  ++finished_;
  some_finished_.notify(sc_core::SC_ZERO_TIME);
}

}  // namespace octet::sim
