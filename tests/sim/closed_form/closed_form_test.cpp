// The closed form by replay against the machine, and what both closed forms stand on.
#include "sim/closed_form/counts.hpp"
#include "sim/closed_form/outline_emitter.hpp"
#include "tests/sim/closed_form/against_machine.hpp"

namespace octet::sim {
namespace {

// Of a program that is there: its commands, none of them in a loop.
StepStats replay(const Program& program, const Hardware& hw) {
  Program made;
  return closed_form_replayed(
      [&](Program& to, Emitter& emitter) {
        to = program;
        to.commands = {};
        for (const Command& each : program.commands) {
          Command command = each;
          command.deps.clear();
          emitter.emit(command, each.deps);
        }
      },
      hw, made);
}

// The bounds that docs/timing.md states, with kClosedFormPercent, which `--check` enforces.
constexpr double kMeanPercent = 0.1;
constexpr double kWorstShortenedPercent = 4.0;

TEST(ClosedForm, CyclesAndBytesOf500RandomPairs) {
  const Errors errors = errors_of_random_pairs(
      500, [](const Lower& lower, const Hardware& hw, Program& program, std::int64_t cycles) {
        const StepStats closed = closed_form_replayed(lower, hw, program);
        if (closed.commands <= kWholeCommands) {
          EXPECT_EQ(closed.cycles, cycles);
        }
        return closed;
      });
  EXPECT_LE(errors.worst(), kClosedFormPercent);
}

// What large steps go through, tried on small ones as well.
TEST(ClosedForm, CyclesAndBytesOf200RandomPairsShortened) {
  const Errors errors = errors_of_random_pairs(
      200, [](const Lower& lower, const Hardware& hw, Program& program, std::int64_t) {
        return closed_form_replayed(lower, hw, program, 0);
      });
  EXPECT_LE(errors.worst(), kWorstShortenedPercent);
  EXPECT_LE(errors.mean(), kMeanPercent);
}

TEST(ClosedForm, ForwardPassesOf100RandomPairs) {
  const Errors errors = errors_of_random_pairs(
      100,
      [](const Lower& lower, const Hardware& hw, Program& program, std::int64_t cycles) {
        const StepStats closed = closed_form_replayed(lower, hw, program);
        if (closed.commands <= kWholeCommands) {
          EXPECT_EQ(closed.cycles, cycles);
        }
        return closed_form_replayed(lower, hw, program, 0);  // shortened
      },
      {Scope::kForward, Scope::kInference});
  EXPECT_LE(errors.worst(), kWorstShortenedPercent);
}

// The layer that docs/timing.md works out by hand.
TEST(ClosedForm, HandWorkedLayerIsExact) {
  const Hardware hw = HardwareText{}.read();
  const Program program = layer_by_hand();
  const StepStats machine = run_machine(program, hw).stats;
  const StepStats closed = replay(program, hw);
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

// The rules of the schedule are the machine's: with every command nothing differs.
TEST(ClosedForm, WithEveryCommandItIsTheMachine) {
  for (const char* name : {"tiny-cnn", "fashion-cnn", "resnet-20"}) {
    const auto network = workloads::find_network(name);
    const Hardware hw = find_hardware("edge");
    const Program program = lower(network, model::find_recipe("int8"), hw, 4);
    const StepStats machine = run_machine(program, hw).stats;
    const StepStats closed = replay(program, hw);
    expect_same_counts(closed, machine);
    EXPECT_EQ(closed.cycles, machine.cycles) << name;
    EXPECT_EQ(closed.dram, machine.dram) << name;
    for (std::size_t u = 0; u < machine.unit_time.size(); ++u) {
      EXPECT_EQ(closed.unit_time[u].busy, machine.unit_time[u].busy) << name;
      EXPECT_EQ(closed.unit_time[u].stall, machine.unit_time[u].stall) << name;
    }
    for (int u = 0; u < kUnits; ++u) {
      for (int cause = 0; cause < kUnits; ++cause)
        EXPECT_EQ(closed.wait(u, cause), machine.wait(u, cause)) << name;
    }
  }
}

TEST(ClosedForm, BurstsAreCountedAsOneByOne) {
  std::mt19937 random(5);
  for (int round = 0; round < 2000; ++round) {
    const auto below = [&](unsigned n) { return static_cast<std::int64_t>(random() % n); };
    const std::int64_t burst = std::array{8, 16, 32, 64}[random() % 4];
    const std::int64_t address = below(1000);
    const std::int64_t runs = 1 + below(70), stride = below(200), bytes = 1 + below(150);
    std::int64_t expected = 0;
    for (std::int64_t i = 0; i < runs; ++i) {
      const std::int64_t at = address + i * stride;
      expected += ((at + bytes + burst - 1) / burst - at / burst) * burst;
    }
    ASSERT_EQ(moved_by(address, runs, stride, bytes, burst), expected);
  }
}

// Few commands of many are kept, they stand for all, each depends on earlier ones alone, and the
// first look is enough: loops over slices of several images, whose first tap alone is no second
// load, are among these.
TEST(OutlineEmitter, KeepsFewOfManyAtTheFirstLook) {
  const auto network = workloads::find_network("resnet-18");
  const Hardware hw = find_hardware("base");
  MappingCache mappings(hw, MappingStrategy::kSearch);
  Program program;
  OutlineEmitter emitter(program, hw, {});
  lower_to(network, model::find_recipe("int8"), hw, 32, false, mappings, program, emitter);
  EXPECT_TRUE(emitter.exact());
  StepStats stats(static_cast<int>(program.layers.size()), kPhases, kStatUnits, kTensorKinds,
                  kPads);
  emitter.add_counts(stats);
  EXPECT_LT(static_cast<std::int64_t>(emitter.outline().steps.size()), stats.commands / 3);
  EXPECT_EQ(stats.commands,
            static_cast<std::int64_t>(
                lower(network, model::find_recipe("int8"), hw, 32).commands.size()));
  std::int64_t stands_for = 0;
  const Outline& outline = emitter.outline();
  for (std::size_t i = 0; i < outline.steps.size(); ++i) {
    const Outline::Step& step = outline.steps[i];
    stands_for += step.weight;
    for (std::uint32_t d = step.deps; d < step.deps_end; ++d) {
      ASSERT_GE(outline.deps[d], 0);
      ASSERT_LT(outline.deps[d], static_cast<std::int32_t>(i));
    }
  }
  EXPECT_EQ(stands_for, stats.commands);
}

}  // namespace
}  // namespace octet::sim
