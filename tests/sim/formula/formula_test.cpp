// A step by formula against the closed form by replay, which is the machine.
#include "sim/formula/formula.hpp"

#include "common/error.hpp"
#include "tests/sim/closed_form/against_machine.hpp"

namespace octet::sim {
namespace {

// The bounds that docs/timing.md states.
constexpr double kMeanPercent = 3.0;     // of steps of more than kFewCommands
constexpr double kWorstPercent = 50.0;   // of the same
constexpr double kNetworkPercent = 4.0;  // of the networks that come with Octet
constexpr std::int64_t kFewCommands = 1024;

struct Both {
  StepStats replayed;
  StepCosts formula;
  std::int64_t live_bytes = 0;
};

Both both(const workloads::Network& network, const model::Recipe& recipe, const Hardware& hw,
          int batch) {
  MappingCache mappings(hw, MappingStrategy::kSearch);
  Program program;
  Both both;
  both.replayed = closed_form_replayed(
      [&](Program& to, Emitter& emitter) {
        lower_to(network, recipe, hw, batch, false, mappings, to, emitter);
      },
      hw, program);
  const StepFormula formula(
      [&](const Hardware& on, MappingCache& with, Program& to, Emitter& emitter) {
        lower_to(network, recipe, on, batch, false, with, to, emitter);
      },
      hw);
  std::vector<double> by_stage;
  const StepPlan plan = formula.plan(hw, mappings);
  EXPECT_EQ(plan.size(), formula.outline().stages.size());
  both.formula = formula.costs(hw, plan, &by_stage);
  both.live_bytes = formula.outline().live_bytes;
  EXPECT_EQ(by_stage.size(), formula.outline().stages.size());
  double sum = 0.0;
  for (const double cycles : by_stage) sum += cycles;
  EXPECT_NEAR(sum, both.formula.cycles, 1e-6 * sum);
  return both;
}

// What lives at once may differ by that part.
void expect_same_counts(const Both& b, double most_live) {
  const Counters machine = b.replayed.total();
  EXPECT_EQ(b.formula.counters().macs, machine.macs);
  // The formula takes each loop for one of several tiles, which those of tiny steps are not.
  const auto machines = static_cast<double>(b.replayed.live_bytes);
  EXPECT_NEAR(static_cast<double>(b.live_bytes), machines, most_live * machines);
  for (const Activity mac : {Activity::kMac8x8, Activity::kMac8x16, Activity::kMacFp32}) {
    const auto i = static_cast<std::size_t>(mac);
    EXPECT_EQ(b.formula.counters().activity[i], machine.activity[i]) << activity_name(mac);
  }
}

TEST(Formula, RandomSteps) {
  RandomPairs pairs(seed_of_test());
  Errors many, few, bytes;
  for (int i = 0; i < 500; ++i) {
    const auto network = pairs.network();
    const auto recipe = pairs.recipe();
    const Hardware hw = machine_for(recipe, pairs.machine());
    const int batch = pairs.batch();
    if (!plain_memory(hw.dram)) continue;
    SCOPED_TRACE("pair " + std::to_string(i));
    const Both b = both(network, recipe, hw, batch);
    expect_same_counts(b, 1.0);
    const Counters found = b.formula.counters();
    const std::string which = "pair " + std::to_string(i) + ", " + memory_of(hw) + ", " +
                              recipe.name + ", " + std::to_string(b.replayed.commands) +
                              " commands";
    (b.replayed.commands > kFewCommands ? many : few).add(found.cycles, b.replayed.cycles, which);
    bytes.add(found.dram_bytes, b.replayed.total().dram_bytes, which);
    if (HasFailure()) return;
  }
  std::cout << "seed " << seed_of_test() << '\n';
  many.print("steps of more than 1,024 commands, cycles");
  few.print("steps of fewer, cycles");
  bytes.print("bytes");
  EXPECT_LE(many.mean(), kMeanPercent);
  EXPECT_LE(many.worst(), kWorstPercent);
  EXPECT_LE(few.mean(), 2.0 * kMeanPercent);
  EXPECT_LE(bytes.mean(), kMeanPercent);
}

TEST(Formula, NetworksThatComeWithOctet) {
  Errors cycles, bytes;
  for (const auto& [name, batch] : {std::pair{"fashion-cnn", 64},
                                    {"resnet-20", 16},
                                    {"alexnet", 8},
                                    {"resnet-18", 4},
                                    {"mobilenet-v1", 4}}) {
    const auto network = workloads::find_network(name);
    for (const char* machine : {"edge", "base", "server"}) {
      for (const char* recipe : {"int8", "int8-delayed", "float32"}) {
        const auto how = model::find_recipe(recipe);
        const Hardware hw = machine_for(how, find_hardware(machine));
        const std::string which = std::string(name) + ", " + machine + ", " + recipe;
        SCOPED_TRACE(which);
        const Both b = both(network, how, hw, batch);
        expect_same_counts(b, 0.02);
        cycles.add(b.formula.counters().cycles, b.replayed.cycles, which);
        bytes.add(b.formula.counters().dram_bytes, b.replayed.total().dram_bytes, which);
      }
    }
  }
  cycles.print("cycles");
  bytes.print("bytes");
  EXPECT_LE(cycles.worst(), 2.0 * kNetworkPercent);
  EXPECT_LE(cycles.mean(), kNetworkPercent);
  EXPECT_LE(bytes.worst(), kNetworkPercent);
}

// What one formula is asked for does not depend on the machine that it was made for.
TEST(Formula, HoldsForOtherMachines) {
  const auto network = workloads::find_network("resnet-20");
  const auto recipe = model::find_recipe("int8");
  const auto lower = [&](const Hardware& on, MappingCache& with, Program& to, Emitter& emitter) {
    lower_to(network, recipe, on, 16, false, with, to, emitter);
  };
  const Hardware edge = find_hardware("edge"), server = find_hardware("server");
  MappingCache mappings(server, MappingStrategy::kSearch);
  const StepFormula of_edge(lower, edge), of_server(lower, server);
  const StepCosts a = of_edge.costs(server, of_edge.plan(server, mappings));
  const StepCosts b = of_server.costs(server, of_server.plan(server, mappings));
  EXPECT_NEAR(a.cycles, b.cycles, 1e-4 * b.cycles);
  EXPECT_EQ(a.macs, b.macs);
  for (std::size_t i = 0; i < a.activity.size(); ++i)
    EXPECT_NEAR(a.activity[i], b.activity[i], 1e-4 * b.activity[i])
        << activity_name(static_cast<Activity>(i));
}

TEST(Formula, AnotherStepsPlanIsRefused) {
  const auto recipe = model::find_recipe("int8");
  const Hardware hw = find_hardware("edge");
  const auto formula_of = [&](const char* name) {
    const auto network = workloads::find_network(name);
    return StepFormula(
        [network, recipe](const Hardware& on, MappingCache& with, Program& to, Emitter& emitter) {
          lower_to(network, recipe, on, 16, false, with, to, emitter);
        },
        hw);
  };
  MappingCache mappings(hw, MappingStrategy::kSearch);
  const StepPlan plan = formula_of("fashion-cnn").plan(hw, mappings);
  EXPECT_THROW((void)formula_of("resnet-20").costs(hw, plan), octet::Error);
}

TEST(Formula, PlanThrowsWhatTheLoweringThrows) {
  const auto network = workloads::find_network("resnet-20");
  const auto recipe = model::find_recipe("int8");
  Hardware hw = find_hardware("edge");
  const StepFormula formula(
      [&](const Hardware& on, MappingCache& with, Program& to, Emitter& emitter) {
        lower_to(network, recipe, on, 16, false, with, to, emitter);
      },
      hw);
  hw.weight.bytes = 8;
  MappingCache mappings(hw, MappingStrategy::kSearch);
  EXPECT_THROW((void)formula.plan(hw, mappings), octet::Error);
}

}  // namespace
}  // namespace octet::sim
