#include "app/explore_formula.hpp"

#include <fmt/core.h>

#include <map>

#include "sim/energy/area.hpp"
#include "sim/energy/energy.hpp"
#include "sim/estimate.hpp"
#include "sim/formula/formula.hpp"
#include "sim/program/lower.hpp"

namespace octet::app {

sim::explore::Outcome evaluate_by_formula(const Step& resolved, const std::string& step) {
  static std::map<std::string, sim::StepFormula> formulas;  // of this process
  const auto& [network, recipe, hardware, batch, scope] = resolved;
  const sim::Hardware hw = sim::machine_for(recipe, hardware);
  const sim::Datapath datapath = sim::datapath_of(hw, recipe.float32);
  // All that a lowering takes from a machine besides sizes.
  const std::string key = fmt::format("{} {} {}", step, static_cast<int>(datapath),
                                      sim::stored_bytes(hw, recipe.float32));
  auto at = formulas.find(key);
  if (at == formulas.end()) {
    const auto lower = [net = network, how = recipe, images = batch, part = scope](
                           const sim::Hardware& machine, sim::MappingCache& mappings,
                           sim::Program& program, sim::Emitter& emitter) {
      sim::lower_to(net, how, machine, images, false, mappings, program, emitter, part);
    };
    at = formulas.emplace(key, sim::StepFormula(lower, hw)).first;
  }
  const sim::StepFormula& formula = at->second;
  const sim::EnergyTable table = sim::energy_table_of(hw);
  const sim::EnergyPrices prices(table, hw, datapath);
  sim::MappingCache mappings(hw, sim::MappingStrategy::kSearch);
  const sim::Counters counters = formula.costs(hw, formula.plan(hw, mappings)).counters();
  sim::explore::Outcome o;
  o.ok = true;
  o.batch = batch;
  o.cycles = counters.cycles;
  o.seconds = static_cast<double>(counters.cycles) / static_cast<double>(hw.clock_hz);
  const sim::Spread joules = prices.joules(counters);
  o.joules = joules.typical;
  o.joules_low = joules.low;
  o.joules_high = joules.high;
  const std::vector<sim::AreaPart> area = sim::area_of(table, hw, datapath);
  if (!area.empty()) o.area_mm2 = sim::total_area(area).typical;
  o.dram_bytes = counters.dram_bytes;
  o.sram_bytes = counters.sram_bytes;
  o.macs = counters.macs;
  o.utilisation = static_cast<double>(sim::multiplier_slots(counters)) /
                  (static_cast<double>(hw.cells()) * static_cast<double>(counters.cycles));
  o.needed_bytes = formula.outline().live_bytes;
  o.memory_bytes = hw.dram.capacity_bytes();
  return o;
}

}  // namespace octet::app
