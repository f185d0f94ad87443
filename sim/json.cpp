#include "sim/estimate.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {
namespace {

using nlohmann::json;

json figures(const Counters& c, const Spread& joules) {
  json out{{"cycles", c.cycles},
           {"dram_bytes", c.dram_bytes},
           {"sram_bytes", c.sram_bytes},
           {"macs", c.macs}};
  add_spread(out, "energy_joules", joules);
  return out;
}

bool empty(const Counters& c, const Spread& joules) {
  return c.cycles == 0 && c.dram_bytes == 0 && c.sram_bytes == 0 && c.macs == 0 &&
         joules.high == 0.0;
}

// Cycles and energy of one layer by unit.
json layer_units_json(const StepEstimate& e, int layer) {
  json units = json::array();
  for (int u = 0; u < e.stats.units(); ++u) {
    std::int64_t cycles = 0;
    Spread joules;
    for (int p = 0; p < e.stats.phases(); ++p) {
      cycles += e.stats.at(layer, p, u).cycles;
      joules += e.energy(layer, p, u);
    }
    if (cycles == 0 && joules.high == 0.0) continue;
    json unit{{"unit", stat_unit_name(u)}, {"cycles", cycles}};
    add_spread(unit, "energy_joules", joules);
    units.push_back(std::move(unit));
  }
  return units;
}

json mapping_json(const LayerMapping& m) {
  return {{"dataflow", dataflow_name(static_cast<Dataflow>(m.dataflow))},
          {"images", m.images},
          {"rows", m.rows},
          {"width", m.width},
          {"groups", m.groups},
          {"columns", m.columns},
          {"depth", m.depth},
          {"source_sliced", m.sliced != 0},
          {"outer_loop", m.pixels_outer != 0 ? "pixels" : "columns"},
          {"source_fetches", m.source_fetches},
          {"weight_fetches", m.weight_fetches}};
}

json layers_json(const StepEstimate& e) {
  json layers = json::array();
  for (int l = 0; l < e.stats.layers(); ++l) {
    json phases = json::array();
    Spread layer_joules;
    for (int p = 0; p < e.stats.phases(); ++p) {
      Spread joules;
      for (int u = 0; u < e.stats.units(); ++u) joules += e.energy(l, p, u);
      layer_joules += joules;
      const Counters sum = e.stats.of_phase(l, p);
      if (empty(sum, joules)) continue;
      json phase = figures(sum, joules);
      phase["phase"] = phase_name(static_cast<Phase>(p));
      for (const LayerMapping& m : e.mappings) {
        if (m.layer == l && m.phase == static_cast<Phase>(p)) phase["mapping"] = mapping_json(m);
      }
      phases.push_back(std::move(phase));
    }
    json layer = figures(e.stats.of_layer(l), layer_joules);
    layer["name"] = e.layers[static_cast<std::size_t>(l)].name;
    layer["op"] = e.layers[static_cast<std::size_t>(l)].op;
    layer["phases"] = std::move(phases);
    layer["units"] = layer_units_json(e, l);
    layers.push_back(std::move(layer));
  }
  return layers;
}

json waits_json(const StepEstimate& e, int unit) {
  json waits = json::array();
  for (int cause = 0; cause < e.stats.units(); ++cause) {
    const std::int64_t cycles = e.stats.wait(unit, cause);
    if (cycles > 0) waits.push_back({{"for", stat_unit_name(cause)}, {"cycles", cycles}});
  }
  return waits;
}

json units_json(const StepEstimate& e) {
  json units = json::array();
  for (int u = 0; u < e.stats.units(); ++u) {
    const Counters sum = e.stats.of_unit(u);
    const UnitTime& time = e.stats.unit_time[static_cast<std::size_t>(u)];
    Spread joules;
    for (int l = 0; l < e.stats.layers(); ++l) {
      for (int p = 0; p < e.stats.phases(); ++p) joules += e.energy(l, p, u);
    }
    const double share = e.stats.cycles == 0
                             ? 0.0
                             : static_cast<double>(time.busy) / static_cast<double>(e.stats.cycles);
    json unit{{"name", stat_unit_name(u)},
              {"cycles", sum.cycles},
              {"busy_cycles", time.busy},
              {"stall_cycles", time.stall},
              {"port_cycles", sum.port_cycles},
              {"waits", waits_json(e, u)},
              {"dram_bytes", sum.dram_bytes},
              {"sram_bytes", sum.sram_bytes},
              {"utilisation", share}};
    add_spread(unit, "energy_joules", joules);
    units.push_back(std::move(unit));
  }
  return units;
}

json traffic_json(const StepEstimate& e) {
  json rows = json::array();
  for (int k = 0; k < kTensorKinds; ++k) {
    const Traffic& t = e.stats.traffic[static_cast<std::size_t>(k)];
    if (t.read == 0 && t.written == 0) continue;
    rows.push_back({{"tensor", tensor_kind_name(static_cast<TensorKind>(k))},
                    {"read_bytes", t.read},
                    {"write_bytes", t.written},
                    {"refetch_bytes", t.refetched}});
  }
  return rows;
}

json scratchpads_json(const StepEstimate& e) {
  json rows = json::array();
  for (std::size_t p = 0; p < kPads; ++p) {
    const PadUse& use = e.stats.pads[p];
    rows.push_back({{"scratchpad", pad_name(static_cast<Pad>(p))},
                    {"bytes", e.pad_bytes[p]},
                    {"peak_bytes", use.peak_bytes},
                    {"mean_bytes", use.mean_bytes}});
  }
  return rows;
}

// The roofs: what the array and the DRAM could do at most.
json peak_json(const StepEstimate& e) {
  json macs = json::object();
  for (int p = 0; p < kPhases; ++p) {
    if (static_cast<Phase>(p) == Phase::kUpdate) continue;
    if (e.scope != Scope::kStep && static_cast<Phase>(p) != Phase::kForward) continue;
    const int passes = static_cast<Phase>(p) == Phase::kWeightGradient ? e.gradient_passes : 1;
    macs[phase_name(static_cast<Phase>(p))] =
        static_cast<double>(e.array_cells) * static_cast<double>(e.clock_hz) / passes;
  }
  return {{"macs_per_second", macs}, {"dram_bytes_per_second", e.dram_bytes_per_second}};
}

// Only what happened: a machine of integers has no row for floating operations.
json energy_json(const StepEstimate& e) {
  json rows = json::array();
  const Counters total = e.stats.total();
  for (std::size_t i = 0; i < kActivities; ++i) {
    if (total.activity[i] == 0) continue;
    const EnergyRow& row = e.prices[i];
    json out{{"component", row.component},
             {"count", total.activity[i]},
             {"unit", row.unit},
             {"source", row.source}};
    add_spread(out, "picojoules_each", row.pj);
    add_spread(out, "joules", row.pj * (static_cast<double>(total.activity[i]) * 1e-12));
    rows.push_back(std::move(out));
  }
  return rows;
}

json area_json(const StepEstimate& e) {
  json rows = json::array();
  for (const AreaPart& part : e.area) {
    json out{{"part", part.part}, {"what", part.what}};
    add_spread(out, "mm2", part.mm2);
    rows.push_back(std::move(out));
  }
  return rows;
}

json dram_json(const DramCounters& c) {
  return {{"reads", c.reads},           {"writes", c.writes},          {"activates", c.activates},
          {"precharges", c.precharges}, {"refreshes", c.refreshes},    {"row_hits", c.hits},
          {"row_misses", c.misses},     {"row_conflicts", c.conflicts}};
}

}  // namespace

void add_spread(json& object, const std::string& key, const Spread& spread) {
  object[key] = spread.typical;
  object[key + "_low"] = spread.low;
  object[key + "_high"] = spread.high;
}

json memory_json(const StepEstimate& e) {
  return {{"needed_bytes", e.stats.live_bytes}, {"capacity_bytes", e.memory_bytes}};
}

json to_json(const StepEstimate& e) {
  const Counters total = e.stats.total();
  json out{{"method", method_name(e.method)},
           {"batch", e.batch},
           {"cycles", e.stats.cycles},
           {"seconds", e.seconds()},
           {"clock_hz", e.clock_hz},
           {"macs", total.macs},
           {"utilisation", e.utilisation()},
           {"dram_bytes", total.dram_bytes},
           {"sram_bytes", total.sram_bytes},
           {"per_layer", layers_json(e)},
           {"per_unit", units_json(e)},
           {"traffic", traffic_json(e)},
           {"memory", memory_json(e)},
           {"scratchpads", scratchpads_json(e)},
           {"peak", peak_json(e)},
           {"dram_commands", dram_json(e.stats.dram)},
           {"energy_table", e.energy_table},
           {"energy", energy_json(e)},
           {"notes", e.notes},
           {"area", area_json(e)}};
  if (e.scope != Scope::kStep) out["scope"] = scope_name(e.scope);
  add_spread(out, "energy_joules", e.energy());
  add_spread(out, "area_mm2", total_area(e.area));
  return out;
}

}  // namespace octet::sim
