// More room, bandwidth, ports or lanes does not make a step slower: random networks on random
// machines, each with one thing doubled. docs/timing.md says what is allowed and why.
#include "tests/sim/closed_form/against_machine.hpp"
#include "tests/sim/random_step.hpp"

namespace octet::sim {
namespace {

struct More {
  const char* name;
  void (*of)(Hardware& hw);
};

constexpr More kMore[] = {
    {"activation scratchpad", [](Hardware& hw) { hw.activation.bytes *= 2; }},
    {"weight scratchpad", [](Hardware& hw) { hw.weight.bytes *= 2; }},
    {"accumulators", [](Hardware& hw) { hw.accumulator.bytes *= 2; }},
    {"all scratchpads",
     [](Hardware& hw) {
       for (Scratchpad* pad : {&hw.activation, &hw.weight, &hw.accumulator}) pad->bytes *= 2;
     }},
    {"DRAM channels", [](Hardware& hw) { hw.dram.channels *= 2; }},
    {"DRAM clock", [](Hardware& hw) { hw.dram.clock_hz *= 2; }},
    {"ports",
     [](Hardware& hw) {
       for (Scratchpad* pad : {&hw.activation, &hw.weight, &hw.accumulator}) pad->width_bytes *= 2;
     }},
    {"lanes",
     [](Hardware& hw) {
       hw.vector_lanes *= 2;
       hw.range_bn.lanes *= 2;
       hw.update_lanes *= 2;
     }},
};

// Mappings and tiles are chosen by formulas, and rows of two tensors meet in a bank by chance.
constexpr double kMeanPercent = 0.1;
constexpr double kWorstPercent = 7.0;
// Controllers that close their pages or reorder, of which the formulas know less.
constexpr double kWorstPercentOfOthers = 20.0;
// Besides, one refresh may fall on a transfer that nothing hides.
std::int64_t refresh_cycles(const Hardware& hw) {
  return hw.dram.t.rfc * hw.clock_hz / hw.dram.clock_hz + 1;
}

int steps_of_test() {  // more of them: OCTET_TEST_STEPS
  const char* given = std::getenv("OCTET_TEST_STEPS");
  return given != nullptr ? std::atoi(given) : 150;
}

TEST(RandomSteps, MoreIsNotSlower) {
  RandomPairs pairs(seed_of_test());
  Errors errors[std::size(kMore)];
  int steps = 0;
  for (int i = 0; i < steps_of_test(); ++i) {
    const RandomStep step(pairs);
    const Hardware& hw = step.hardware;
    const StepStats before = step.run(hw);
    if (before.commands > kWholeCommands) continue;
    ++steps;
    const bool plain =
        hw.dram.page == DramPage::kOpen && hw.dram.scheduler == DramScheduler::kInOrder;
    for (std::size_t m = 0; m < std::size(kMore); ++m) {
      Hardware more = hw;
      kMore[m].of(more);
      const StepStats after = step.run(more);
      if (after.commands > kWholeCommands) continue;
      const std::string which = "step " + std::to_string(i) + ", " + memory_of(hw) + ", " +
                                step.recipe.name + ", " + std::to_string(before.cycles) + " to " +
                                std::to_string(after.cycles) + " cycles";
      errors[m].add(std::max(after.cycles - refresh_cycles(hw), before.cycles), before.cycles,
                    which);
      const double worst = plain ? kWorstPercent : kWorstPercentOfOthers;
      EXPECT_LE(static_cast<double>(after.cycles - refresh_cycles(hw)),
                static_cast<double>(before.cycles) * (1.0 + worst / 100.0))
          << "twice the " << kMore[m].name << ", seed " << seed_of_test() << ", " << which;
    }
  }
  EXPECT_GT(steps, 0);
  for (std::size_t m = 0; m < std::size(kMore); ++m) {
    errors[m].print("seed " + std::to_string(seed_of_test()) + ", twice the " + kMore[m].name +
                    ", slower by");
    EXPECT_LE(errors[m].mean(), kMeanPercent) << kMore[m].name;
  }
}

}  // namespace
}  // namespace octet::sim
