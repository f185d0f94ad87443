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
      phases.push_back(std::move(phase));
    }
    json layer = figures(e.stats.of_layer(l), layer_joules);
    layer["name"] = e.layers[static_cast<std::size_t>(l)].name;
    layer["op"] = e.layers[static_cast<std::size_t>(l)].op;
    layer["phases"] = std::move(phases);
    layers.push_back(std::move(layer));
  }
  return layers;
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
    json unit{{"name", stat_unit_name(u)},    {"cycles", sum.cycles},
              {"busy_cycles", time.busy},     {"stall_cycles", time.stall},
              {"dram_bytes", sum.dram_bytes}, {"sram_bytes", sum.sram_bytes},
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
                    {"write_bytes", t.written}});
  }
  return rows;
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

}  // namespace

void add_spread(json& object, const std::string& key, const Spread& spread) {
  object[key] = spread.typical;
  object[key + "_low"] = spread.low;
  object[key + "_high"] = spread.high;
}

json to_json(const StepEstimate& e) {
  const Counters total = e.stats.total();
  json out{{"batch", e.batch},
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
           {"energy_table", e.energy_table},
           {"energy", energy_json(e)},
           {"area", area_json(e)}};
  add_spread(out, "energy_joules", e.energy());
  add_spread(out, "area_mm2", total_area(e.area));
  return out;
}

}  // namespace octet::sim
