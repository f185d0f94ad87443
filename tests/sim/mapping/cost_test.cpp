// What the search takes a product's cycles and bytes for, against the machine: one product alone.
#include "sim/mapping/cost.hpp"

#include "sim/program/lower_gemm.hpp"
#include "tests/sim/closed_form/against_machine.hpp"

namespace octet::sim {
namespace {

// The bounds that docs/timing.md states.
constexpr double kMeanCycles = 1.5, kMeanBytes = 3.0;

TEST(MappingCost, IsNearTheMachine) {
  std::mt19937 random(seed_of_test());
  RandomPairs pairs(seed_of_test());
  Errors cycles, bytes;
  for (int i = 0; i < 200; ++i) {
    Hardware hw = pairs.machine();
    hw.dram.page = DramPage::kOpen;  // of others it knows less
    hw.dram.scheduler = DramScheduler::kInOrder;
    const auto size = [&] { return 1 + static_cast<std::int64_t>(random() % 800); };
    const GemmProblem problem{size(), size(), size(), GemmProblem::Operands::k8x8};
    const Counters machine = run_machine(lower_gemm(problem, hw), hw).stats.total();
    Product product;
    product.shape = {{}, {}, problem.m, 1, problem.k, problem.n};
    Drain drain;
    drain.add_move(4);
    const auto found = search_mapping(product, drain, hw);
    ASSERT_TRUE(found.has_value());
    const std::string which = std::to_string(problem.m) + " x " + std::to_string(problem.n) +
                              " x " + std::to_string(problem.k) + ", " + memory_of(hw);
    cycles.add(static_cast<std::int64_t>(found->cost.cycles), machine.cycles, which);
    bytes.add(found->cost.transfers.bytes, machine.dram_bytes, which);
  }
  cycles.print("200 products, cycles");
  bytes.print("200 products, bytes");
  EXPECT_LE(cycles.mean(), kMeanCycles);
  EXPECT_LE(bytes.mean(), kMeanBytes);
}

}  // namespace
}  // namespace octet::sim
