#pragma once
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm_utils/simple_target_socket.h>
#include <tlm>

#include "sim/timing/sequencer.hpp"
#include "sim/timing/transfer.hpp"

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

// Makes a payload a whole command: `runs` of it, `stride` bytes apart. The target says how many
// bytes its bursts moved.
struct RunsExtension : tlm::tlm_extension<RunsExtension> {
  std::int64_t runs = 1, stride = 0, moved_bytes = 0;
  [[nodiscard]] tlm_extension_base* clone() const override { return new RunsExtension(*this); }
  void copy_from(const tlm_extension_base& other) override {
    *this = static_cast<const RunsExtension&>(other);
  }
};

// TLM-2.0 target: blocking transport, with the completion time in the delay. A payload is one run
// of any length, or several with a RunsExtension; it carries no data.
class DramUnit : public sc_core::sc_module {
 public:
  tlm_utils::simple_target_socket<DramUnit> load_socket, store_socket;
  DramUnit(const sc_core::sc_module_name& name, const Hardware& hardware,
           const RunOptions& options);
  [[nodiscard]] const DramSystem& memory() const { return port_.memory(); }
  void finish();  // at the end of time: refreshes up to now

 private:
  void transport(tlm::tlm_generic_payload& payload, sc_core::sc_time& delay);
  DmaPort port_;
};

// TLM-2.0 initiator for one direction: one payload a command.
class DmaUnit : public sc_core::sc_module {
 public:
  tlm_utils::simple_initiator_socket<DmaUnit> socket;
  DmaUnit(const sc_core::sc_module_name& name, Unit unit, Sequencer& sequencer,
          const Hardware& hardware, StepStats& stats);

 private:
  void run();
  std::int64_t transfer(const Command& command);  // cycles until the last run is done
  Unit unit_;
  Sequencer& sequencer_;
  const Hardware& hardware_;
  StepStats& stats_;
};

}  // namespace octet::sim
