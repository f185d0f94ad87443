#include "sim/timing/units.hpp"

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
                   const RunOptions& options)
    : sc_core::sc_module(name),
      load_socket("load_socket"),
      store_socket("store_socket"),
      port_(hardware, options) {
  load_socket.register_b_transport(this, &DramUnit::transport);
  store_socket.register_b_transport(this, &DramUnit::transport);
}

void DramUnit::transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay) {
  const std::int64_t start = now_cycles() + to_cycles(delay);
  Runs runs{static_cast<std::int64_t>(payload.get_address()), 1, payload.get_data_length(), 0,
            payload.is_write()};
  auto* const extension = payload.get_extension<RunsExtension>();
  if (extension != nullptr) {
    runs.count = extension->runs;
    runs.stride = extension->stride;
  }
  const Transfer transfer = port_.send(runs, start);
  if (extension != nullptr) extension->moved_bytes = transfer.bytes;
  delay += static_cast<double>(transfer.cycles) * cycle_time();
  payload.set_response_status(tlm::TLM_OK_RESPONSE);
}

void DramUnit::finish() { port_.finish(now_cycles()); }

DmaUnit::DmaUnit(const sc_core::sc_module_name& name, Unit unit, Sequencer& sequencer,
                 const Hardware& hardware, StepStats& stats)
    : sc_core::sc_module(name),
      socket("socket"),
      unit_(unit),
      sequencer_(sequencer),
      hardware_(hardware),
      stats_(stats) {
  SC_HAS_PROCESS(DmaUnit);
  SC_THREAD(run);
}

std::int64_t DmaUnit::transfer(const Command& c) {
  const Tensor& tensor = sequencer_.program().tensors[c.a];
  const bool reads = c.op == Opcode::kLoad;
  RunsExtension runs;
  runs.runs = c.runs;
  runs.stride = c.stride;
  tlm::tlm_generic_payload payload;
  payload.set_command(reads ? tlm::TLM_READ_COMMAND : tlm::TLM_WRITE_COMMAND);
  payload.set_address(static_cast<std::uint64_t>(tensor.address + c.offset));
  payload.set_data_length(static_cast<unsigned>(c.run_bytes));
  payload.set_streaming_width(static_cast<unsigned>(c.run_bytes));
  payload.set_extension(&runs);
  sc_core::sc_time delay;
  socket->b_transport(payload, delay);
  payload.clear_extension(&runs);

  Counters& counters = cell(stats_, c, kDramUnit);
  counters.dram_bytes += runs.moved_bytes;
  counters.activity[static_cast<std::size_t>(reads ? Activity::kDramRead : Activity::kDramWrite)] +=
      runs.moved_bytes / 8;
  Traffic& traffic = stats_.traffic[static_cast<std::size_t>(tensor.kind)];
  (reads ? traffic.read : traffic.written) += runs.moved_bytes;
  if ((c.flags & kRefetch) != 0) traffic.refetched += runs.moved_bytes;
  return to_cycles(delay);
}

void DmaUnit::run() {
  for (int id = sequencer_.next(unit_); id >= 0; id = sequencer_.next(unit_)) {
    const Command& command = sequencer_.program().commands[id];
    cell(stats_, command, static_cast<int>(unit_)) +=
        cost_of(command, sequencer_.program(), hardware_).counters;
    // Of two that reach the memory in one cycle the store goes first: the load lets it pass.
    if (unit_ == Unit::kDmaLoad) wait(sc_core::SC_ZERO_TIME);
    const std::int64_t cycles = transfer(command);
    if (cycles > 0) wait(static_cast<double>(cycles) * cycle_time());
    sequencer_.finish(id);
  }
}

}  // namespace octet::sim
