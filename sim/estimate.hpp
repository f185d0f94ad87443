#pragma once
#include <nlohmann/json.hpp>

#include "model/quant/recipe.hpp"
#include "sim/config/hardware.hpp"
#include "sim/energy/area.hpp"
#include "sim/energy/energy.hpp"
#include "sim/program/lowering/emitter.hpp"
#include "sim/program/program.hpp"
#include "sim/stats/stats.hpp"
#include "workloads/graph/network.hpp"

namespace octet::sim {

struct MachineRun;
struct RunOptions;
class RatesCache;

// How a step was found: run on the machine, or worked out with its loops shortened, against the
// machine's memory or, for sweeps, against rates of it. docs/timing.md says what of the last two is
// exact and how near the rest is.
enum class Method : std::uint8_t { kMachine, kClosedForm, kRates };
[[nodiscard]] const char* method_name(Method method);  // machine, closed_form, rates

// Time, traffic and energy of one training step, or of what of it `scope` says.
struct StepEstimate {
  Method method = Method::kMachine;
  Scope scope = Scope::kStep;
  int batch = 0;
  std::int64_t clock_hz = 0;
  std::int64_t array_cells = 0;                 // multipliers
  int gradient_passes = 1;                      // of the array for a product with a wide operand
  double dram_bytes_per_second = 0.0;           // peak
  std::int64_t memory_bytes = 0;                // what the DRAM holds
  std::array<std::int64_t, kPads> pad_bytes{};  // by scratchpad
  StepStats stats;
  struct LayerName {
    std::string name, op;
  };
  std::vector<LayerName> layers;
  std::vector<LayerMapping> mappings;  // of the products, by layer and phase
  std::vector<EnergyRow> prices;       // by activity
  std::vector<Spread> cell_joules;     // by (layer, phase, unit), as StepStats lays them out
  std::vector<AreaPart> area;
  std::string energy_table;        // its name
  std::vector<std::string> notes;  // sentences for the user, on what the figures rest
  [[nodiscard]] const Spread& energy(int layer, int phase, int unit) const;
  [[nodiscard]] Spread energy() const;                                // of the step
  [[nodiscard]] double joules(int layer, int phase, int unit) const;  // typical
  [[nodiscard]] double joules() const;
  [[nodiscard]] double seconds() const {
    return static_cast<double>(stats.cycles) / static_cast<double>(clock_hz);
  }
  // All that lives at once fits into the memory.
  [[nodiscard]] bool fits() const { return stats.live_bytes <= memory_bytes; }
  // Multiplier slots used of those of the array, one a cell and cycle; each byte pass of a wide
  // product uses a slot.
  [[nodiscard]] double utilisation() const;
};

// Multiplier slots that were used: products, each byte pass of a wide one by itself.
[[nodiscard]] std::int64_t multiplier_slots(const Counters& counters);

// The machine as it runs this recipe: floating cells get ports that feed them. Throws octet::Error
// for cells that can not run it.
[[nodiscard]] Hardware machine_for(const model::Recipe& recipe, const Hardware& hardware);
// Lowers one step, runs it on the machine, prices it. Throws octet::Error.
[[nodiscard]] StepEstimate estimate_step(const workloads::Network& network,
                                         const model::Recipe& recipe, const Hardware& hardware,
                                         int batch, Scope scope = Scope::kStep);
// The same of a program that is there already. `run`, if given, gets when each command ran.
[[nodiscard]] StepEstimate estimate_program(const Program& program, const Hardware& hardware,
                                            MachineRun* run = nullptr);
[[nodiscard]] StepEstimate estimate_program(const Program& program, const Hardware& hardware,
                                            MachineRun* run, const RunOptions& options);
// The same by a closed form, from what a lowering emits. By rates: those of the memory are kept for
// further machines. `method` is one of the closed forms.
[[nodiscard]] StepEstimate estimate_closed_form(const Lower& lower, const Hardware& hardware,
                                                Method method, RatesCache& rates);
// Of a step, as estimate_step() has it, without program and machine.
[[nodiscard]] StepEstimate estimate_closed_form(const workloads::Network& network,
                                                const model::Recipe& recipe,
                                                const Hardware& hardware, int batch, Method method,
                                                RatesCache& rates, Scope scope = Scope::kStep);
// The most by which cycles may differ from the machine's, and by rates.
inline constexpr double kClosedFormPercent = 2.0;
inline constexpr double kRatesPercent = 12.0;
// Holds a closed form against the machine. Throws octet::Error, exit status 1: bytes or
// multiply-accumulates differ, or cycles by more than its method allows. Returns the machine's
// cycles.
std::int64_t check_closed_form(const StepEstimate& closed, const Program& program,
                               const Hardware& hardware);
// What the step's tensors need of the DRAM at once, and what there is: {needed_bytes,
// capacity_bytes}.
[[nodiscard]] nlohmann::json memory_json(const StepEstimate& estimate);
// The object "step" of the result schema.
[[nodiscard]] nlohmann::json to_json(const StepEstimate& estimate);
// A figure as KEY and its error bars as KEY_low and KEY_high.
void add_spread(nlohmann::json& object, const std::string& key, const Spread& spread);

}  // namespace octet::sim
