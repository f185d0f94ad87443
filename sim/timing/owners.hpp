#pragma once
#include <array>
#include <functional>
#include <vector>

#include "sim/program/program.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

// Who owns each cycle of a run, by the rule of attribution (docs/timing.md): of the commands that
// run, the one on the first unit in the order of Unit; none runs: the one that starts next. `owned`
// gets stretches [from, to) in their order, with what runs on each unit (-1: nothing).
using Running = std::array<int, kUnits>;
void for_each_owned(const Program& program, const std::vector<Interval>& intervals,
                    const std::function<void(int owner, std::int64_t from, std::int64_t to,
                                             const Running& running)>& owned);

}  // namespace octet::sim
