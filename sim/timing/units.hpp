#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm>

#include "sim/dram/dram_system.hpp"
#include "sim/timing/sequencer.hpp"

namespace octet::sim {

// MAC array, vector, Range-BN, update and scalar unit: one command after the other, each for as
// long as its formula says.
class ComputeUnit : public sc_core::sc_module {
 public:
  ComputeUnit(const sc_core::sc_module_name& name, Unit unit, Sequencer& sequencer,
              const Hardware& hardware, StepStats& stats);

 private:
  void run();
  Unit unit_;
  Sequencer& sequencer_;
  const Hardware& hardware_;
  StepStats& stats_;
};

// TLM-2.0 target: blocking transport, with the completion time in the delay. One payload may be a
// run of any length; it carries no data.
class DramUnit : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<DramUnit> load_socket, store_socket;
  DramUnit(const sc_core::sc_module_name& name, const Hardware& hardware,
           const DramObserver& observer);
  [[nodiscard]] const DramSystem& memory() const { return memory_; }
  void finish();  // at the end of time: refreshes up to now

 private:
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  std::int64_t cycle_hz_, dram_hz_;
  DramSystem memory_;
  const DramObserver& observer_;
};

// TLM-2.0 initiator for one direction. Sends one run a cycle, with at most dma_in_flight in flight.
class DmaUnit : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaUnit> socket;
  DmaUnit(const sc_core::sc_module_name& name, Unit unit, Sequencer& sequencer,
          const Hardware& hardware, const DramSystem& dram, StepStats& stats);

 private:
  void run();
  std::int64_t transfer(const Command& command);  // cycles until the last run is done
  Unit unit_;
  Sequencer& sequencer_;
  const Hardware& hardware_;
  const DramSystem& dram_;
  StepStats& stats_;
};

}  // namespace octet::sim
