#include "sim/timing/machine.hpp"

#include <memory>

#include "common/error.hpp"
#include "sim/program/live_bytes.hpp"
#include "sim/timing/attribute.hpp"
#include "sim/timing/occupancy.hpp"
#include "sim/timing/units.hpp"
#include "sim/timing/waits.hpp"

namespace octet::sim {
namespace {

// A SystemC context of its own, so that one process can run many machines.
class FreshContext {
 public:
  FreshContext() : before_(sc_core::sc_curr_simcontext), own_(new sc_core::sc_simcontext) {
    sc_core::sc_curr_simcontext = own_.get();
  }
  ~FreshContext() { sc_core::sc_curr_simcontext = before_; }
  FreshContext(const FreshContext&) = delete;
  FreshContext& operator=(const FreshContext&) = delete;

 private:
  sc_core::sc_simcontext* before_;
  std::unique_ptr<sc_core::sc_simcontext> own_;
};

struct Machine {
  Machine(const Program& program, const Hardware& hardware, const RunOptions& options,
          StepStats& stats)
      : sequencer("sequencer", program),
        dram("dram", hardware, options),
        load("dma_load", Unit::kDmaLoad, sequencer, hardware, stats),
        store("dma_store", Unit::kDmaStore, sequencer, hardware, stats),
        mac_array("mac_array", Unit::kMacArray, sequencer, hardware, stats),
        range_bn("range_bn", Unit::kRangeBn, sequencer, hardware, stats),
        vector("vector", Unit::kVector, sequencer, hardware, stats),
        update("update", Unit::kUpdate, sequencer, hardware, stats),
        scalar("scalar", Unit::kScalar, sequencer, hardware, stats) {
    load.socket.bind(dram.load_socket);
    store.socket.bind(dram.store_socket);
  }
  Sequencer sequencer;
  DramUnit dram;
  DmaUnit load, store;
  ComputeUnit mac_array, range_bn, vector, update, scalar;
};

void unit_times(const Program& program, const std::vector<Interval>& intervals, StepStats& stats) {
  std::array<Interval, kUnits> spans;
  spans.fill({-1, 0});
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const auto u = static_cast<std::size_t>(unit_of(program.commands.op(i)));
    stats.unit_time[u].busy += intervals[i].end - intervals[i].start;
    if (spans[u].start < 0) spans[u].start = intervals[i].start;
    spans[u].end = intervals[i].end;
  }
  for (std::size_t u = 0; u < kUnits; ++u) {
    stats.unit_time[u].stall =
        spans[u].start < 0 ? 0 : spans[u].end - spans[u].start - stats.unit_time[u].busy;
  }
}

}  // namespace

const char* stat_unit_name(int unit) {
  if (unit == kStandingUnit) return "leakage";
  return unit == kDramUnit ? "dram" : unit_name(static_cast<Unit>(unit));
}

MachineRun run_machine(const Program& program, const Hardware& hardware,
                       const RunOptions& options) {
  MachineRun run;
  StepStats& stats = run.stats;
  stats =
      StepStats(static_cast<int>(program.layers.size()), kPhases, kStatUnits, kTensorKinds, kPads);
  const FreshContext context;
  {
    Machine machine(program, hardware, options, stats);
    sc_core::sc_start();
    if (machine.sequencer.finished() != static_cast<std::int64_t>(program.commands.size())) {
      throw Error("the program stopped after " + std::to_string(machine.sequencer.finished()) +
                  " of " + std::to_string(program.commands.size()) +
                  " commands: found a dependency that never ends, expected an order");
    }
    run.intervals = machine.sequencer.intervals();
    machine.dram.finish();
    const DramSystem& memory = machine.dram.memory();
    stats.dram = memory.counters();
    stats.unit_time[kDramUnit].busy =
        static_cast<std::int64_t>(memory.busy_clocks() * static_cast<double>(hardware.clock_hz) /
                                  static_cast<double>(hardware.dram.clock_hz));
  }
  stats.commands = static_cast<std::int64_t>(program.commands.size());
  stats.live_bytes = live_bytes(program);
  attribute_cycles(program, run.intervals, stats);
  unit_times(program, run.intervals, stats);
  attribute_waits(program, run.intervals, stats);
  measure_occupancy(program, run.intervals, stats);
  stats.unit_time[kDramUnit].stall = stats.cycles - stats.unit_time[kDramUnit].busy;
  return run;
}

}  // namespace octet::sim

// The SystemC library asks for this symbol; programs that link it have their own main.
extern "C" __attribute__((weak)) int sc_main(int, char*[]) { return 0; }
