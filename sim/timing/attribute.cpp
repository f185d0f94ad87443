#include "sim/timing/attribute.hpp"

#include "sim/timing/owners.hpp"

namespace octet::sim {

void attribute_cycles(const Program& program, const std::vector<Interval>& intervals,
                      StepStats& stats) {
  stats.cycles = 0;
  for_each_owned(
      program, intervals, [&](int owner, std::int64_t from, std::int64_t to, const Running&) {
        const Command c = program.commands[static_cast<std::size_t>(owner)];
        stats.at(c.layer, static_cast<int>(c.phase), static_cast<int>(unit_of(c.op))).cycles +=
            to - from;
        stats.cycles = to;
      });
}

}  // namespace octet::sim
