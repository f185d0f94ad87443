// The closed form against the machine.
#include "sim/closed_form/closed_form.hpp"

#include <cmath>
#include <cstdlib>
#include <iostream>

#include "sim/closed_form/by_rates.hpp"
#include "sim/closed_form/counts.hpp"
#include "sim/closed_form/outline.hpp"
#include "sim/estimate.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/closed_form/random_pairs.hpp"

namespace octet::sim {
namespace {

// Everything that is counted: not cycles, and not what rows and refreshes do.
void expect_same_counts(const StepStats& closed, const StepStats& machine) {
  EXPECT_EQ(closed.commands, machine.commands);
  EXPECT_EQ(closed.dram.reads, machine.dram.reads);
  EXPECT_EQ(closed.dram.writes, machine.dram.writes);
  EXPECT_EQ(closed.unit_time[kDramUnit].busy, machine.unit_time[kDramUnit].busy);
  for (int l = 0; l < machine.layers(); ++l) {
    for (int p = 0; p < machine.phases(); ++p) {
      for (int u = 0; u < machine.units(); ++u) {
        const Counters& a = closed.at(l, p, u);
        const Counters& b = machine.at(l, p, u);
        ASSERT_EQ(a.dram_bytes, b.dram_bytes);
        ASSERT_EQ(a.sram_bytes, b.sram_bytes);
        ASSERT_EQ(a.macs, b.macs);
        ASSERT_EQ(a.port_cycles, b.port_cycles);
        ASSERT_EQ(a.activity, b.activity) << "layer " << l << " phase " << p << " unit " << u;
      }
    }
  }
  for (std::size_t k = 0; k < machine.traffic.size(); ++k) {
    EXPECT_EQ(closed.traffic[k].read, machine.traffic[k].read);
    EXPECT_EQ(closed.traffic[k].written, machine.traffic[k].written);
    EXPECT_EQ(closed.traffic[k].refetched, machine.traffic[k].refetched);
  }
}

// The bounds that docs/timing.md states: of one pair, which `--check` enforces too, and of the
// mean.
constexpr double kBoundPercent = 4.0;
constexpr double kMeanPercent = 0.1;

TEST(ClosedForm, CyclesAndBytesOf500RandomPairs) {
  // Another seed: OCTET_TEST_SEED.
  const char* given = std::getenv("OCTET_TEST_SEED");
  const unsigned seed = given != nullptr ? static_cast<unsigned>(std::atoi(given)) : 20261125U;
  constexpr int kPairs = 500;
  RandomPairs pairs(seed);
  double worst = 0.0, sum = 0.0;
  std::string which;
  int folded = 0;
  for (int i = 0; i < kPairs; ++i) {
    const auto network = pairs.network();
    const auto recipe = pairs.recipe();
    const Hardware hw = machine_for(recipe, pairs.machine());
    const int batch = pairs.batch();
    SCOPED_TRACE("pair " + std::to_string(i));
    const Program program = lower(network, recipe, hw, batch);
    const StepStats machine = run_machine(program, hw).stats;
    MappingCache mappings(hw, MappingStrategy::kSearch);
    Program again;
    const StepStats closed = closed_form_of(
        [&](Program& to, Emitter& emitter) {
          lower_to(network, recipe, hw, batch, false, mappings, to, emitter);
        },
        hw, again);
    expect_same_counts(closed, machine);
    EXPECT_EQ(closed.total().cycles, closed.cycles);
    const double error = 100.0 * std::abs(static_cast<double>(closed.cycles - machine.cycles)) /
                         static_cast<double>(machine.cycles);
    if (machine.commands > static_cast<std::int64_t>(program.commands.stored())) ++folded;
    sum += error;
    if (error > worst) {
      worst = error;
      which = "pair " + std::to_string(i) + ", " + hw.dram.kind + " x " +
              std::to_string(hw.dram.channels) + ", " + recipe.name + ", " +
              std::to_string(machine.commands) + " commands";
    }
    if (HasFailure()) return;
  }
  std::cout << "seed " << seed << ", " << kPairs << " pairs, " << folded
            << " with loops: bytes, MACs and activity equal; cycles mean " << sum / kPairs
            << " %, worst " << worst << " % (" << which << ")\n";
  EXPECT_LE(worst, kBoundPercent) << which;
  EXPECT_LE(sum / kPairs, kMeanPercent);
  EXPECT_GT(folded, kPairs / 2);
}

// The layer that docs/timing.md works out by hand.
TEST(ClosedForm, HandWorkedLayerIsExact) {
  const Hardware hw = HardwareText{}.read();
  const Program program = layer_by_hand();
  const StepStats machine = run_machine(program, hw).stats;
  const StepStats closed = closed_form(program, hw);
  expect_same_counts(closed, machine);
  EXPECT_EQ(closed.cycles, 345);
  EXPECT_EQ(closed.dram, machine.dram);
  for (std::size_t u = 0; u < machine.unit_time.size(); ++u) {
    EXPECT_EQ(closed.unit_time[u].busy, machine.unit_time[u].busy);
    EXPECT_EQ(closed.unit_time[u].stall, machine.unit_time[u].stall);
  }
  for (std::size_t p = 0; p < machine.pads.size(); ++p) {
    EXPECT_EQ(closed.pads[p].peak_bytes, machine.pads[p].peak_bytes);
    EXPECT_DOUBLE_EQ(closed.pads[p].mean_bytes, machine.pads[p].mean_bytes);
  }
}

// With every command, only ties between the DMAs make a difference.
TEST(ClosedForm, WithEveryCommandItIsNearlyTheMachine) {
  for (const char* name : {"tiny-cnn", "fashion-cnn", "resnet-20"}) {
    const auto network = workloads::find_network(name);
    const Hardware hw = find_hardware("edge");
    const Program program = lower(network, model::find_recipe("int8"), hw, 4);
    const StepStats machine = run_machine(program, hw).stats;
    const StepStats closed = closed_form(program, hw, false);
    expect_same_counts(closed, machine);
    const auto near = [&](std::int64_t a, std::int64_t b, const char* what) {
      EXPECT_NEAR(static_cast<double>(a), static_cast<double>(b),
                  0.005 * static_cast<double>(machine.cycles))
          << name << ' ' << what;
    };
    near(closed.cycles, machine.cycles, "cycles");
    for (std::size_t u = 0; u < machine.unit_time.size(); ++u) {
      near(closed.unit_time[u].busy, machine.unit_time[u].busy, "busy");
      near(closed.unit_time[u].stall, machine.unit_time[u].stall, "stall");
    }
    for (int u = 0; u < kUnits; ++u) {
      for (int cause = 0; cause < kUnits; ++cause)
        near(closed.wait(u, cause), machine.wait(u, cause), "wait");
    }
  }
}

TEST(ClosedForm, BurstsAreCountedAsOneByOne) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    const auto below = [&](unsigned n) { return static_cast<std::int64_t>(random() % n); };
    const std::int64_t burst = std::array{16, 32, 64, 24}[random() % 4];
    const std::int64_t address = below(1000), times = 1 + below(90), offset = below(300);
    const std::int64_t runs = 1 + below(70), stride = below(200), bytes = 1 + below(150);
    Moved expected;
    for (std::int64_t t = 0; t < times; ++t) {
      for (std::int64_t i = 0; i < runs; ++i) {
        const std::int64_t at = address + t * offset + i * stride;
        const std::int64_t moved = ((at + bytes + burst - 1) / burst - at / burst) * burst;
        expected.bytes += moved;
        expected.words += moved / 8;
      }
    }
    ASSERT_EQ(moved_by(address, times, offset, runs, stride, bytes, burst), expected);
  }
}

// Of a long loop few repetitions are looked at, and every dependency is of an earlier step.
TEST(Outline, KeepsFewOfManyAndTheirOrder) {
  const auto network = workloads::find_network("fashion-cnn");
  const Hardware hw = HardwareText{}.read();
  const Program program = lower(network, model::find_recipe("int8"), hw, 64);
  StepStats stats(static_cast<int>(program.layers.size()), kPhases, kStatUnits, kTensorKinds,
                  kPads);
  const Outline outline = outline_of(program, hw, true, stats);
  EXPECT_LT(outline.steps.size(), program.commands.size() / 2);
  std::int64_t stands_for = 0;
  for (std::size_t i = 0; i < outline.steps.size(); ++i) {
    const Outline::Step& step = outline.steps[i];
    stands_for += step.weight;
    for (std::uint32_t d = step.deps; d < step.deps_end; ++d) {
      ASSERT_GE(outline.deps[d], 0);
      ASSERT_LT(outline.deps[d], static_cast<std::int32_t>(i));
    }
  }
  EXPECT_EQ(stands_for, static_cast<std::int64_t>(program.commands.size()));
}

}  // namespace
}  // namespace octet::sim
