#include "sim/timing/lane.hpp"

#include <algorithm>
#include <array>

#include "sim/timing/costs.hpp"

namespace octet::sim {
namespace {

// Work that only codes ask for: a machine of floats has no formats.
bool of_codes(Opcode op) {
  return op == Opcode::kRange || op == Opcode::kQuantise || op == Opcode::kQuantiseWeight;
}

// One command whose elements take as much as any of its kind: stochastic, pooled gradients into
// what is there already. Four elements share a draw of random bits.
Command dearest(Opcode op, bool floating) {
  Command command;
  command.op = op;
  command.count = 4;
  command.m = command.k = 4;
  command.accumulate = 1;
  command.flags = floating ? 0 : kStochastic;
  return command;
}

LaneParts derive(Unit unit, bool floating) {
  Program program;
  program.float32 = floating;
  LaneParts lane;
  for (int i = 0; i < kOpcodes; ++i) {
    const auto op = static_cast<Opcode>(i);
    if (unit_of(op) != unit || (floating && of_codes(op))) continue;
    const Work work = work_of(dearest(op, floating), program);
    if (work.lane_steps == 0) continue;
    const auto raise = [&](double& part, std::int64_t operations) {
      part = std::max(part, static_cast<double>(operations) / static_cast<double>(work.lane_steps));
    };
    raise(lane.multipliers, work.multiplies);
    raise(lane.adders, work.adds);
    raise(lane.fp_multipliers, work.fp_multiplies);
    raise(lane.fp_adders, work.fp_adds);
  }
  return lane;
}

}  // namespace

// Derived once: a sweep asks for the area of thousands of machines.
LaneParts lane_parts(Unit unit, bool floating) {
  static const auto lanes = [] {
    std::array<std::array<LaneParts, 2>, kUnits> all;
    for (int u = 0; u < kUnits; ++u)
      all[static_cast<std::size_t>(u)] = {derive(static_cast<Unit>(u), false),
                                          derive(static_cast<Unit>(u), true)};
    return all;
  }();
  return lanes[static_cast<std::size_t>(unit)][floating ? 1 : 0];
}

}  // namespace octet::sim
