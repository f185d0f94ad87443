#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "bench/layers.hpp"
#include "bench/measure.hpp"
#include "bench/peak.hpp"
#include "model/quant/recipe.hpp"
#include "workloads/graph/network.hpp"

namespace octet::app {

// What `octet bench` has measured.
struct BenchRun {
  const workloads::Network& network;
  const model::Recipe& recipe;
  int batch = 0, threads = 0;
  bench::Measurement steps;
  std::vector<bench::LayerTimes> layers;  // a step
  std::vector<bench::Peak> peaks;
  std::optional<bench::Peak> peak;  // of the instruction in use

  [[nodiscard]] double peak_rate() const { return peak ? peak->macs_per_second : 0.0; }
  [[nodiscard]] bool clocked() const { return !steps.clocked_seconds.empty(); }
  // Mean of a step with the clock, which the parts add up to with what no part accounts for.
  [[nodiscard]] double clocked_seconds() const;
};

// The result by bench/bench.schema.json, without its head and `run`.
void add_bench_sections(nlohmann::ordered_json& result, const BenchRun& run);
void print_bench(const BenchRun& run, bool with_layers);

}  // namespace octet::app
