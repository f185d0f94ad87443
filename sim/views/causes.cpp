#include "sim/views/causes.hpp"

#include <algorithm>
#include <tuple>

#include "sim/timing/costs.hpp"
#include "sim/views/selection.hpp"

namespace octet::sim {
namespace {

struct Event {
  std::int64_t time;
  bool start;
  int command;
};

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
  std::vector<Event> events;
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
    events.push_back({at.start, true, static_cast<int>(i)});
    events.push_back({at.end, false, static_cast<int>(i)});
  }
  std::sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return std::tuple(a.time, a.start, a.command) < std::tuple(b.time, b.start, b.command);
  });
  // The same order as attribution: docs/timing.md.
  std::vector<PhaseCauses> all(program.layers.size() * kPhases);
  std::array<int, kUnits> running;
  running.fill(-1);
  std::int64_t time = 0;
  for (const Event& event : events) {
    if (event.time > time) {
      const auto top = std::find_if(running.begin(), running.end(), [](int c) { return c >= 0; });
      const auto owner = static_cast<std::size_t>(top != running.end() ? *top : event.command);
      const Command& c = program.commands[owner];
      const Unit unit = unit_of(c.op);
      PhaseCauses& phase =
          all[static_cast<std::size_t>(c.layer) * kPhases + static_cast<std::size_t>(c.phase)];
      const std::int64_t cycles = event.time - time;
      phase.cycles += cycles;
      phase.by_unit[static_cast<std::size_t>(unit)] += cycles;
      const bool transfers = unit == Unit::kDmaLoad || unit == Unit::kDmaStore;
      double part = share[owner];
      if (transfers) {
        part = 0.0;
        for (const Unit dma : {Unit::kDmaLoad, Unit::kDmaStore}) {
          const int command = running[static_cast<std::size_t>(dma)];
          if (command >= 0) part += share[static_cast<std::size_t>(command)];
        }
        part = std::min(part, 1.0);
      }
      const double length = static_cast<double>(cycles);
      const Cause inner = transfers ? Cause::kDram : Cause::kPort;
      const Cause rest = transfers ? Cause::kDependency : Cause::kCompute;
      phase.by_cause[static_cast<std::size_t>(inner)] += part * length;
      phase.by_cause[static_cast<std::size_t>(rest)] += (1.0 - part) * length;
      time = event.time;
    }
    const auto unit = static_cast<std::size_t>(
        unit_of(program.commands[static_cast<std::size_t>(event.command)].op));
    running[unit] = event.start ? event.command : -1;
  }
  return all;
}

}  // namespace octet::sim
