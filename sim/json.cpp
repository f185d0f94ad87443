#include "sim/estimate.hpp"
#include "sim/timing/machine.hpp"

namespace octet::sim {
namespace {

using nlohmann::json;

json figures(const Counters& c, double joules) {
  return {{"cycles", c.cycles},
          {"dram_bytes", c.dram_bytes},
          {"sram_bytes", c.sram_bytes},
          {"energy_joules", joules},
          {"macs", c.macs}};
}

bool empty(const Counters& c, double joules) {
  return c.cycles == 0 && c.dram_bytes == 0 && c.sram_bytes == 0 && c.macs == 0 && joules == 0.0;
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
    double layer_joules = 0.0;
    for (int p = 0; p < e.stats.phases(); ++p) {
      double joules = 0.0;
      for (int u = 0; u < e.stats.units(); ++u) joules += e.joules(l, p, u);
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
    layers.push_back(std::move(layer));
  }
  return layers;
}

json units_json(const StepEstimate& e) {
  json units = json::array();
  for (int u = 0; u < e.stats.units(); ++u) {
    const Counters sum = e.stats.of_unit(u);
    const UnitTime& time = e.stats.unit_time[static_cast<std::size_t>(u)];
    double joules = 0.0;
    for (int l = 0; l < e.stats.layers(); ++l) {
      for (int p = 0; p < e.stats.phases(); ++p) joules += e.joules(l, p, u);
    }
    const double share = e.stats.cycles == 0
                             ? 0.0
                             : static_cast<double>(time.busy) / static_cast<double>(e.stats.cycles);
    units.push_back({{"name", stat_unit_name(u)},
                     {"cycles", sum.cycles},
                     {"busy_cycles", time.busy},
                     {"stall_cycles", time.stall},
                     {"dram_bytes", sum.dram_bytes},
                     {"sram_bytes", sum.sram_bytes},
                     {"energy_joules", joules},
                     {"utilisation", share}});
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

json energy_json(const StepEstimate& e) {
  json rows = json::array();
  const Counters total = e.stats.total();
  for (std::size_t i = 0; i < kActivities; ++i) {
    const EnergyRow& row = e.prices[i];
    rows.push_back({{"component", row.component},
                    {"count", total.activity[i]},
                    {"unit", row.unit},
                    {"picojoules_each", row.value_pj},
                    {"joules", static_cast<double>(total.activity[i]) * row.value_pj * 1e-12},
                    {"source", row.source}});
  }
  return rows;
}

}  // namespace

json to_json(const StepEstimate& e) {
  const Counters total = e.stats.total();
  return {{"batch", e.batch},
          {"cycles", e.stats.cycles},
          {"seconds", e.seconds()},
          {"clock_hz", e.clock_hz},
          {"macs", total.macs},
          {"utilisation", e.utilisation()},
          {"dram_bytes", total.dram_bytes},
          {"sram_bytes", total.sram_bytes},
          {"energy_joules", e.joules()},
          {"per_layer", layers_json(e)},
          {"per_unit", units_json(e)},
          {"traffic", traffic_json(e)},
          {"energy", energy_json(e)}};
}

}  // namespace octet::sim
