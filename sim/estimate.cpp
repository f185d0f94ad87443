#include "sim/estimate.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "common/error.hpp"
#include "sim/closed_form/closed_form.hpp"
#include "sim/energy/bank_speed.hpp"
#include "sim/energy/step_counts.hpp"
#include "sim/energy/switching.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {

std::int64_t multiplier_slots(const Counters& counters) {
  std::int64_t used = 0;
  for (const Activity mac : {Activity::kMac8x8, Activity::kMac8x16, Activity::kMacFp32,
                             Activity::kMacFp16, Activity::kMacBf16})
    used += counters.activity[static_cast<std::size_t>(mac)];
  return used;
}

const char* method_name(Method method) {
  switch (method) {
    case Method::kMachine:
      return "machine";
    case Method::kClosedForm:
      return "closed_form";
    case Method::kRates:
      return "rates";
  }
  return "";
}

const Spread& StepEstimate::energy(int layer, int phase, int unit) const {
  const std::size_t i =
      (static_cast<std::size_t>(layer) * stats.phases() + phase) * stats.units() + unit;
  return cell_joules[i];
}

Spread StepEstimate::energy() const {
  Spread sum;
  for (const Spread& cell : cell_joules) sum += cell;
  return sum;
}

double StepEstimate::joules(int layer, int phase, int unit) const {
  return energy(layer, phase, unit).typical;
}

double StepEstimate::joules() const { return energy().typical; }

double StepEstimate::utilisation() const {
  const double slots = static_cast<double>(array_cells) * static_cast<double>(stats.cycles);
  return slots > 0.0 ? static_cast<double>(multiplier_slots(stats.total())) / slots : 0.0;
}

namespace {

constexpr std::array<Activity, 2> kIntegerMacs{Activity::kMac8x8, Activity::kMac8x16};

// Products whose operands change less than random bits take less. The price of a component becomes
// the mean over its products, so that count x price stays the energy.
void apply_switching(const Switching& switching, const std::string& network,
                     StepEstimate& estimate) {
  if (switching.network != network)
    throw input_error(switching.file, "network", switching.network, network);
  for (const Switching::Product& product : switching.products) {
    const auto same = [&](const StepEstimate::LayerName& l) { return l.name == product.layer; };
    if (std::none_of(estimate.layers.begin(), estimate.layers.end(), same))
      throw input_error(switching.file, "products", "layer '" + product.layer + "'",
                        "a layer of " + network);
  }
  for (const Activity mac : kIntegerMacs) {
    const auto i = static_cast<std::size_t>(mac);
    EnergyRow& row = estimate.prices[i];
    const Spread random = row.pj;
    Spread sum;
    double count = 0.0;
    std::size_t cell = 0;
    for (int l = 0; l < estimate.stats.layers(); ++l) {
      for (int p = 0; p < estimate.stats.phases(); ++p) {
        const double factor = switching.factor(estimate.layers[static_cast<std::size_t>(l)].name,
                                               phase_name(static_cast<Phase>(p)));
        // The bar towards the table's own number stays: proportion is a model.
        const Spread pj{random.low * std::min(1.0, factor), random.typical * factor,
                        random.high * std::max(1.0, factor)};
        for (int u = 0; u < estimate.stats.units(); ++u, ++cell) {
          const auto n = static_cast<double>(estimate.stats.at(l, p, u).activity[i]);
          estimate.cell_joules[cell] +=
              Spread{pj.low - random.low, pj.typical - random.typical, pj.high - random.high} *
              (n * 1e-12);
          sum += pj * n;
          count += n;
        }
      }
    }
    if (count > 0.0) row.pj = sum * (1.0 / count);
    row.source += "; mean over products, switching measured: " + switching.file;
  }
}

}  // namespace

Hardware machine_for(const model::Recipe& recipe, const Hardware& hardware) {
  // Ports that feed 8-bit cells would starve floating ones.
  if (recipe.float32) return float_machine(hardware, datapath_of(hardware, true));
  if (hardware.datapath != Datapath::kInt8)
    throw input_error(hardware.file, "array.datapath", datapath_name(hardware.datapath),
                      "int8 for recipe " + recipe.name + ", or --recipe float32 on these cells");
  return hardware;
}

StepEstimate estimate_step(const workloads::Network& network, const model::Recipe& recipe,
                           const Hardware& hardware, int batch, Scope scope) {
  const Hardware machine = machine_for(recipe, hardware);
  return estimate_program(
      lower(network, recipe, machine, batch, false, MappingStrategy::kSearch, scope), machine);
}

namespace {

// Prices what `count` gives; whatever is wrong with tables is found before.
template <typename Count>
StepEstimate estimate_counts(const Program& program, const Hardware& hardware, const Count& count) {
  StepEstimate estimate;
  estimate.scope = program.scope;
  estimate.batch = program.batch;
  estimate.clock_hz = hardware.clock_hz;
  estimate.array_cells = hardware.cells();
  estimate.gradient_passes =
      !program.float32 && hardware.gradient_datapath == GradientDatapath::kTwoPass ? 2 : 1;
  estimate.dram_bytes_per_second = hardware.dram.peak_bytes_per_second();
  estimate.memory_bytes = hardware.dram.capacity_bytes();
  estimate.pad_bytes = {hardware.activation.bytes, hardware.weight.bytes,
                        hardware.accumulator.bytes};
  const Datapath datapath = datapath_of(hardware, program.float32);
  const EnergyTable table = energy_table_of(hardware);
  estimate.energy_table = table.name;
  estimate.notes = table.notes;
  for (std::string& note : slow_banks(table, hardware)) estimate.notes.push_back(std::move(note));
  const EnergyPrices prices(table, hardware, datapath);
  estimate.area = area_of(table, hardware, datapath);
  estimate.stats = count();
  give_out_step_counts(estimate.stats, kDramUnit, kStandingUnit);
  estimate.mappings = program.mappings;
  for (const Layer& layer : program.layers) estimate.layers.push_back({layer.name, layer.op});
  for (int i = 0; i < kActivities; ++i) {
    estimate.prices.push_back(prices.row(static_cast<Activity>(i)));
  }
  for (int l = 0; l < estimate.stats.layers(); ++l) {
    for (int p = 0; p < estimate.stats.phases(); ++p) {
      for (int u = 0; u < estimate.stats.units(); ++u) {
        estimate.cell_joules.push_back(prices.joules(estimate.stats.at(l, p, u)));
      }
    }
  }
  if (!hardware.activity_file.empty()) {
    if (program.float32)
      throw usage_error("--activity", "a recipe of floats", "a recipe of integers");
    apply_switching(read_switching(hardware.activity_file), program.network, estimate);
  }
  return estimate;
}

}  // namespace

StepEstimate estimate_program(const Program& program, const Hardware& hardware, MachineRun* run) {
  return estimate_program(program, hardware, run, {});
}

StepEstimate estimate_program(const Program& program, const Hardware& hardware, MachineRun* run,
                              const RunOptions& options) {
  return estimate_counts(program, hardware, [&] {
    MachineRun done = run_machine(program, hardware, options);
    StepStats stats = done.stats;
    if (run != nullptr) *run = std::move(done);
    return stats;
  });
}

StepEstimate estimate_closed_form(const Lower& lower, const Hardware& hardware, Method method,
                                  RatesCache& rates) {
  Program program;
  const StepStats stats = method == Method::kRates
                              ? closed_form_by_rates(lower, hardware, rates, program)
                              : closed_form_replayed(lower, hardware, program);
  StepEstimate estimate = estimate_counts(program, hardware, [&] { return stats; });
  estimate.method = method;
  return estimate;
}

StepEstimate estimate_closed_form(const workloads::Network& network, const model::Recipe& recipe,
                                  const Hardware& hardware, int batch, Method method,
                                  RatesCache& rates, Scope scope) {
  const Hardware machine = machine_for(recipe, hardware);
  MappingCache mappings(machine, MappingStrategy::kSearch);
  return estimate_closed_form(
      [&](Program& to, Emitter& emitter) {
        lower_to(network, recipe, machine, batch, false, mappings, to, emitter, scope);
      },
      machine, method, rates);
}

std::int64_t check_closed_form(const StepEstimate& closed, const Program& program,
                               const Hardware& hardware) {
  const StepStats machine = run_machine(program, hardware).stats;
  const Counters found = closed.stats.total(), expected = machine.total();
  const auto same = [&](const char* what, std::int64_t a, std::int64_t b) {
    if (a != b)
      throw Error("closed form of " + program.network + ": " + what + ": found " +
                  std::to_string(a) + ", expected the machine's " + std::to_string(b));
  };
  same("dram_bytes", found.dram_bytes, expected.dram_bytes);
  same("sram_bytes", found.sram_bytes, expected.sram_bytes);
  same("macs", found.macs, expected.macs);
  same("memory.needed_bytes", closed.stats.live_bytes, machine.live_bytes);
  const auto cycles = static_cast<double>(machine.cycles);
  const double most = closed.method == Method::kRates ? kRatesPercent : kClosedFormPercent;
  if (std::abs(static_cast<double>(closed.stats.cycles) - cycles) > most / 100.0 * cycles)
    throw Error("closed form of " + program.network + ": cycles: found " +
                std::to_string(closed.stats.cycles) + ", expected the machine's " +
                std::to_string(machine.cycles) + " within " +
                std::to_string(static_cast<int>(most)) + " %");
  return machine.cycles;
}

}  // namespace octet::sim
