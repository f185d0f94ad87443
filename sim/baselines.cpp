#include "sim/baselines.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "sim/closed_form/closed_form.hpp"

namespace octet::sim {
namespace {

// The norm stays, the arithmetic becomes floating: nothing is quantised, so nothing else of an
// integer recipe has a meaning.
model::Recipe float_recipe(const model::Recipe& recipe, Datapath datapath) {
  model::Recipe floats;
  floats.name = datapath_name(datapath);
  floats.float32 = true;
  floats.norm = recipe.norm;
  floats.range_constant = recipe.range_constant;
  floats.chunks = recipe.chunks;
  return floats;
}

Spread array_area(const StepEstimate& step) {
  for (const AreaPart& part : step.area) {
    if (part.part == "array") return part.mm2;
  }
  return {};
}

Spread span_of(double a, double typical, double b) {
  return {std::min({a, typical, b}), typical, std::max({a, typical, b})};
}

double over(double a, double b) { return b > 0.0 ? a / b : 0.0; }

}  // namespace

std::vector<Baseline> run_baselines(const workloads::Network& network, const model::Recipe& recipe,
                                    const Hardware& hardware, int batch, const StepEstimate& own) {
  if (recipe.float32)
    throw usage_error("--baselines", "recipe " + recipe.name, "a recipe of integers");
  const EnergyTable table = energy_table_of(hardware);
  const double cell = cell_area(table, hardware, Datapath::kInt8).typical;
  RatesCache rates;
  const auto estimate = [&](const model::Recipe& floats, const Hardware& machine) {
    if (own.method != Method::kMachine)
      return estimate_closed_form(network, floats, machine, batch, own.method, rates, own.scope);
    return estimate_step(network, floats, machine, batch, own.scope);
  };
  std::vector<Baseline> rows;
  rows.push_back({Datapath::kInt8, "as_described", hardware.rows, hardware.cols, own, ""});
  for (const Datapath datapath : {Datapath::kFloat32, Datapath::kFloat16, Datapath::kBfloat16}) {
    const double ratio = cell_area(table, hardware, datapath).typical / cell;
    for (const bool area_equal : {false, true}) {
      Baseline row;
      row.datapath = datapath;
      row.sizing = area_equal ? "area_equal" : "pe_equal";
      try {
        const Hardware machine = float_machine(hardware, datapath, area_equal ? ratio : 1.0);
        row.rows = machine.rows;
        row.cols = machine.cols;
        row.step = estimate(float_recipe(recipe, datapath), machine);
      } catch (const Error& error) {
        row.problem = error.what();
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

AgainstInt8 against_int8(const StepEstimate& step, const StepEstimate& own) {
  const auto bytes = [](const StepEstimate& e) {
    return static_cast<double>(e.stats.total().dram_bytes);
  };
  const Spread energy = step.energy();
  const Spread base = own.energy();
  return {over(step.seconds(), own.seconds()), over(bytes(step), bytes(own)),
          over(total_area(step.area).typical, total_area(own.area).typical),
          span_of(over(energy.low, base.low), over(energy.typical, base.typical),
                  over(energy.high, base.high))};
}

nlohmann::json to_json(const std::vector<Baseline>& baselines) {
  nlohmann::json rows = nlohmann::json::array();
  for (const Baseline& b : baselines) {
    nlohmann::json row{{"datapath", datapath_name(b.datapath)},
                       {"sizing", b.sizing},
                       {"array_rows", b.rows},
                       {"array_cols", b.cols}};
    if (!b.step) {
      row["problem"] = b.problem;
      rows.push_back(std::move(row));
      continue;
    }
    const StepEstimate& step = *b.step;
    row["cycles"] = step.stats.cycles;
    row["seconds"] = step.seconds();
    row["utilisation"] = step.utilisation();
    row["dram_bytes"] = step.stats.total().dram_bytes;
    row["memory_needed_bytes"] = step.stats.live_bytes;
    add_spread(row, "energy_joules", step.energy());
    add_spread(row, "area_mm2", total_area(step.area));
    add_spread(row, "array_mm2", array_area(step));
    const AgainstInt8 ratio = against_int8(step, *baselines.front().step);
    nlohmann::json against{
        {"time", ratio.time}, {"dram_bytes", ratio.dram_bytes}, {"area", ratio.area}};
    add_spread(against, "energy", ratio.energy);
    row["against_int8"] = std::move(against);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace octet::sim
