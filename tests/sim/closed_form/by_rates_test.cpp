// The closed form by rates against the machine.
#include "sim/program/lower_gemm.hpp"
#include "tests/sim/closed_form/against_machine.hpp"

namespace octet::sim {
namespace {

// The bounds that docs/timing.md states, with kRatesPercent, which `--check` enforces.
constexpr double kMeanPercent = 0.3;

TEST(ByRates, CyclesAndBytesOf500RandomPairs) {
  RatesCache rates;
  const Errors errors = errors_of_random_pairs(
      500, [&](const Lower& lower, const Hardware& hw, Program& program, std::int64_t) {
        return closed_form_by_rates(lower, hw, rates, program);
      });
  EXPECT_LE(errors.worst(), kRatesPercent);
  EXPECT_LE(errors.mean(), kMeanPercent);
}

TEST(ByRates, ForwardPassesOf100RandomPairs) {
  RatesCache rates;
  const Errors errors = errors_of_random_pairs(
      100,
      [&](const Lower& lower, const Hardware& hw, Program& program, std::int64_t) {
        return closed_form_by_rates(lower, hw, rates, program);
      },
      {Scope::kForward, Scope::kInference});
  EXPECT_LE(errors.worst(), kRatesPercent);
  EXPECT_LE(errors.mean(), kMeanPercent);
}

TEST(ByRates, CyclesAndBytesOf200RandomProducts) {
  std::mt19937 random(seed_of_test());
  RandomPairs pairs(seed_of_test());
  RatesCache rates;
  Errors errors;
  for (int i = 0; i < 200; ++i) {
    const Hardware hw = pairs.machine();
    const auto size = [&] { return 1 + static_cast<std::int64_t>(random() % 800); };
    GemmProblem problem{size(), size(), size(), GemmProblem::Operands::k8x8};
    if (random() % 2 == 0) problem.operands = GemmProblem::Operands::k8x16;
    SCOPED_TRACE("product " + std::to_string(i));
    const StepStats machine = run_machine(lower_gemm(problem, hw), hw).stats;
    MappingCache mappings(hw, MappingStrategy::kSearch);
    Program program;
    const StepStats quick = closed_form_by_rates(
        [&](Program& to, Emitter& emitter) { lower_gemm_to(problem, hw, mappings, to, emitter); },
        hw, rates, program);
    expect_same_counts(quick, machine);
    errors.add(quick.cycles, machine.cycles,
               std::to_string(problem.m) + " x " + std::to_string(problem.n) + " x " +
                   std::to_string(problem.k) + ", " + memory_of(hw) + ", " +
                   std::to_string(machine.commands) + " commands");
    if (HasFailure()) return;
  }
  errors.print("200 products, counts equal, cycles");
  EXPECT_LE(errors.worst(), kRatesPercent);
  EXPECT_LE(errors.mean(), kMeanPercent);
}

}  // namespace
}  // namespace octet::sim
