// Mappings of whole training steps, on the machine.
#include <nlohmann/json.hpp>

#include "sim/estimate.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

StepStats run(const workloads::Network& network, const Hardware& hw, int batch,
              MappingStrategy strategy, const char* recipe = "int8") {
  return run_machine(lower(network, model::find_recipe(recipe), hw, batch, false, strategy), hw)
      .stats;
}

// Against a fixed rule and an array that holds its sums: every network that comes with Octet.
TEST(Mapping, SearchBeatsTheRuleOfThumb) {
  for (const workloads::NetworkEntry& entry : workloads::list_networks()) {
    const auto network = workloads::find_network(entry.name);
    for (const char* machine : {"base", "server"}) {
      Hardware hw = find_hardware(machine);
      const std::int64_t searched = run(network, hw, 4, MappingStrategy::kSearch).cycles;
      hw.dataflow = Dataflow::kOutput;
      EXPECT_LE(searched, run(network, hw, 4, MappingStrategy::kRuleOfThumb).cycles)
          << entry.name << " on " << machine;
    }
  }
}

TEST(Mapping, IsPartOfTheResult) {
  const auto network = workloads::find_network("fashion-cnn");
  const nlohmann::json step =
      to_json(estimate_step(network, model::find_recipe("int8"), find_hardware("edge"), 16));
  int mappings = 0;
  std::int64_t refetched = 0;
  for (const auto& layer : step["per_layer"]) {
    for (const auto& phase : layer["phases"]) {
      if (!phase.contains("mapping")) continue;
      ++mappings;
      EXPECT_GE(phase["mapping"]["source_fetches"].get<int>(), 1);
      EXPECT_GT(phase["macs"].get<std::int64_t>(), 0);
    }
  }
  for (const auto& row : step["traffic"]) {
    refetched += row["refetch_bytes"].get<std::int64_t>();
    EXPECT_LE(row["refetch_bytes"].get<std::int64_t>(), row["read_bytes"].get<std::int64_t>());
  }
  EXPECT_EQ(mappings, 3 + 3 + 3 + 2);  // conv1 has no data gradient
  EXPECT_GT(refetched, 0);
}

// All that is not fetched again is there once: the operands of every product.
TEST(Mapping, RefetchesAreTheRest) {
  const auto network = workloads::find_network("fashion-cnn");
  HardwareText text;
  text.activation = text.weight = text.accumulator = 1 << 14;
  const Hardware hw = text.read();
  const Program program = lower(network, model::find_recipe("int8"), hw, 8);
  std::int64_t first = 0;
  std::int64_t again = 0;
  for (const Command& c : program.commands) {
    if (c.op != Opcode::kLoad || program.tensors[c.a].kind != TensorKind::kWeight) continue;
    ((c.flags & kRefetch) != 0 ? again : first) += c.dma_bytes();
  }
  std::int64_t want = 0;  // codes of each layer's weights: forward, and data gradient but for conv1
  for (const workloads::Node& n : network.nodes) {
    if (n.weights() > 0) want += n.weights() * (n.inputs[0] == 0 ? 1 : 2);
  }
  EXPECT_EQ(first, want);
  EXPECT_GT(again, 0);
}

}  // namespace
}  // namespace octet::sim
