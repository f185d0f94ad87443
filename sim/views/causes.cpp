#include "sim/views/causes.hpp"

#include <algorithm>

#include "sim/timing/costs.hpp"
#include "sim/timing/owners.hpp"
#include "sim/views/selection.hpp"

namespace octet::sim {
namespace {

// The machine with scratchpad ports that never limit.
Hardware without_ports(Hardware hw) {
  for (Scratchpad* pad : {&hw.activation, &hw.weight, &hw.accumulator}) pad->width_bytes = 1 << 30;
  return hw;
}

}  // namespace

const char* cause_name(Cause cause) {
  switch (cause) {
    case Cause::kCompute:
      return "compute";
    case Cause::kPort:
      return "port";
    case Cause::kDram:
      return "dram";
    case Cause::kDependency:
      break;
  }
  return "dependency";
}

Cause PhaseCauses::bound_cause() const {
  return static_cast<Cause>(std::max_element(by_cause.begin(), by_cause.end()) - by_cause.begin());
}

Unit PhaseCauses::bound_unit() const {
  const Cause cause = bound_cause();
  const bool transfers = cause == Cause::kDram || cause == Cause::kDependency;
  const auto first_dma = by_unit.begin() + static_cast<int>(Unit::kDmaLoad);
  const auto top = transfers ? std::max_element(first_dma, by_unit.end())
                             : std::max_element(by_unit.begin(), first_dma);
  return static_cast<Unit>(top - by_unit.begin());
}

std::vector<PhaseCauses> causes_of(const Program& program, const std::vector<Interval>& intervals,
                                   const Hardware& hardware) {
  const Hardware wide = without_ports(hardware);
  const double bus = hardware.dram_bytes_per_cycle();
  std::vector<double> share(intervals.size());  // transfers: of the bus; units: of the port
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const Interval& at = intervals[i];
    if (at.start == at.end) continue;
    const Command& c = program.commands[i];
    const auto length = static_cast<double>(at.end - at.start);
    if (c.op == Opcode::kLoad || c.op == Opcode::kStore) {
      share[i] = static_cast<double>(bus_bytes(c, program, hardware)) / bus / length;
    } else {
      const std::int64_t waits =
          cost_of(c, program, hardware).cycles - cost_of(c, program, wide).cycles;
      share[i] = static_cast<double>(waits) / length;
    }
  }
  std::vector<PhaseCauses> all(program.layers.size() * kPhases);
  for_each_owned(
      program, intervals,
      [&](int owner, std::int64_t from, std::int64_t to, const Running& running) {
        const Command& c = program.commands[static_cast<std::size_t>(owner)];
        const Unit unit = unit_of(c.op);
        PhaseCauses& phase =
            all[static_cast<std::size_t>(c.layer) * kPhases + static_cast<std::size_t>(c.phase)];
        phase.cycles += to - from;
        phase.by_unit[static_cast<std::size_t>(unit)] += to - from;
        const bool transfers = unit == Unit::kDmaLoad || unit == Unit::kDmaStore;
        double part = share[static_cast<std::size_t>(owner)];
        if (transfers) {
          part = 0.0;
          for (const Unit dma : {Unit::kDmaLoad, Unit::kDmaStore}) {
            const int command = running[static_cast<std::size_t>(dma)];
            if (command >= 0) part += share[static_cast<std::size_t>(command)];
          }
          part = std::min(part, 1.0);
        }
        const auto length = static_cast<double>(to - from);
        const Cause inner = transfers ? Cause::kDram : Cause::kPort;
        const Cause rest = transfers ? Cause::kDependency : Cause::kCompute;
        phase.by_cause[static_cast<std::size_t>(inner)] += part * length;
        phase.by_cause[static_cast<std::size_t>(rest)] += (1.0 - part) * length;
      });
  return all;
}

}  // namespace octet::sim
