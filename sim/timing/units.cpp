#include "sim/timing/units.hpp"

#include <algorithm>
#include <vector>

#include "sim/timing/clocks.hpp"
#include "sim/timing/costs.hpp"

namespace octet::sim {
namespace {

Counters& cell(StepStats& stats, const Command& c, int unit) {
  return stats.at(c.layer, static_cast<int>(c.phase), unit);
}

}  // namespace

ComputeUnit::ComputeUnit(const sc_core::sc_module_name& name, Unit unit, Sequencer& sequencer,
                         const Hardware& hardware, StepStats& stats)
    : sc_core::sc_module(name),
      unit_(unit),
      sequencer_(sequencer),
      hardware_(hardware),
      stats_(stats) {
  SC_HAS_PROCESS(ComputeUnit);
  SC_THREAD(run);
}

void ComputeUnit::run() {
  for (int id = sequencer_.next(unit_); id >= 0; id = sequencer_.next(unit_)) {
    const Command& command = sequencer_.program().commands[id];
    const Cost cost = cost_of(command, sequencer_.program(), hardware_);
    cell(stats_, command, static_cast<int>(unit_)) += cost.counters;
    if (cost.cycles > 0) wait(static_cast<double>(cost.cycles) * cycle_time());
    sequencer_.finish(id);
  }
}

DramUnit::DramUnit(const sc_core::sc_module_name& name, const Hardware& hardware,
                   const DramObserver& observer)
    : sc_core::sc_module(name),
      load_socket("load_socket"),
      store_socket("store_socket"),
      cycle_hz_(hardware.clock_hz),
      dram_hz_(hardware.dram.clock_hz),
      memory_(hardware.dram),
      observer_(observer) {
  load_socket.register_b_transport(this, &DramUnit::transport);
  store_socket.register_b_transport(this, &DramUnit::transport);
}

void DramUnit::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::int64_t now = now_cycles();
  const std::int64_t arrival = scale_up(now + to_cycles(delay), dram_hz_, cycle_hz_);
  const auto address = static_cast<std::int64_t>(payload.get_address());
  if (observer_) observer_(address, payload.get_data_length(), payload.is_write(), arrival);
  const std::int64_t done =
      memory_.access(address, payload.get_data_length(), payload.is_write(), arrival);
  delay = static_cast<double>(scale_up(done, cycle_hz_, dram_hz_) - now) * cycle_time();
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void DramUnit::finish() { memory_.finish(scale_up(now_cycles(), dram_hz_, cycle_hz_)); }

DmaUnit::DmaUnit(const sc_core::sc_module_name& name, Unit unit, Sequencer& sequencer,
                 const Hardware& hardware, const DramSystem& dram, StepStats& stats)
    : sc_core::sc_module(name),
      socket("socket"),
      unit_(unit),
      sequencer_(sequencer),
      hardware_(hardware),
      dram_(dram),
      stats_(stats) {
  SC_HAS_PROCESS(DmaUnit);
  SC_THREAD(run);
}

std::int64_t DmaUnit::transfer(const Command& c) {
  const Tensor& tensor = sequencer_.program().tensors[c.a];
  const bool reads = c.op == Opcode::kLoad;
  std::vector<std::int64_t> done(static_cast<std::size_t>(hardware_.dma_in_flight));
  std::int64_t last = 0;
  Counters& counters = cell(stats_, c, kDramUnit);
  Traffic& traffic = stats_.traffic[static_cast<std::size_t>(tensor.kind)];
  tlm::tlm_generic_payload payload;
  payload.set_command(reads ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND);
  for (std::int64_t i = 0; i < c.runs; ++i) {
    const std::int64_t address = tensor.address + c.offset + i * c.stride;
    auto& slot = done[static_cast<std::size_t>(i % hardware_.dma_in_flight)];
    sc_core::sc_time delay = static_cast<double>(std::max(i, slot)) * cycle_time();
    payload.set_address(static_cast<std::uint64_t>(address));
    payload.set_data_length(static_cast<unsigned>(c.run_bytes));
    payload.set_streaming_width(static_cast<unsigned>(c.run_bytes));
    payload.set_response_status(tlm::TLM_INCOMPLETE_RESPONSE);
    socket->b_transport(payload, delay);
    slot = to_cycles(delay);
    last = std::max(last, slot);
    const std::int64_t moved = dram_.moved_bytes(address, c.run_bytes);
    counters.dram_bytes += moved;
    counters
        .activity[static_cast<std::size_t>(reads ? Activity::kDramRead : Activity::kDramWrite)] +=
        moved / 8;
    (reads ? traffic.read : traffic.written) += moved;
    if ((c.flags & kRefetch) != 0) traffic.refetched += moved;
  }
  return last;
}

void DmaUnit::run() {
  for (int id = sequencer_.next(unit_); id >= 0; id = sequencer_.next(unit_)) {
    const Command& command = sequencer_.program().commands[id];
    cell(stats_, command, static_cast<int>(unit_)) +=
        cost_of(command, sequencer_.program(), hardware_).counters;
    const std::int64_t cycles = transfer(command);
    if (cycles > 0) wait(static_cast<double>(cycles) * cycle_time());
    sequencer_.finish(id);
  }
}

}  // namespace octet::sim
