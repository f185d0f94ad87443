// Cycles that the search takes the array for, against the commands that are lowered.
#include "sim/mapping/compute.hpp"

#include "sim/timing/costs.hpp"
#include "tests/sim/random_step.hpp"

namespace octet::sim {
namespace {

// Every product of random networks, strided ones cut at any row or column among them.
TEST(Compute, CyclesAreThoseOfTheCommands) {
  RandomPairs pairs(seed_of_test());
  int products = 0, strided = 0;
  for (int i = 0; i < 60; ++i) {
    const RandomStep step(pairs);
    if (step.recipe.float32) continue;
    const Hardware& hw = step.hardware;
    const Program program = lower(step.network, step.recipe, hw, step.batch);
    StepStats array(static_cast<int>(program.layers.size()), kPhases, 1, 1, 1);
    for (const Command& c : program.commands) {
      if (c.op == Opcode::kGemm)
        array.at(static_cast<int>(c.layer), static_cast<int>(c.phase), 0).cycles +=
            1 + cost_of(c, program, hw).cycles;
    }
    for (const LayerMapping& m : program.mappings) {
      const workloads::Node& node = step.network.nodes[static_cast<std::size_t>(m.layer)];
      Product product;
      product.shape = gemm_shape(node, step.batch);
      const auto phase = static_cast<Phase>(m.phase);
      product.gemm = phase == Phase::kForward        ? Gemm::kForward
                     : phase == Phase::kDataGradient ? Gemm::kDataGradient
                                                     : Gemm::kWeightGradient;
      if (product.gemm == Gemm::kWeightGradient) {
        product.result_bytes = 8;
        product.wide_operand = true;
      }
      Tiling tiling{m.images, m.rows, m.width, m.groups, m.columns, m.depth};
      tiling.sliced = m.sliced != 0;
      EXPECT_EQ(compute_cycles(product, tiling, static_cast<Dataflow>(m.dataflow), hw),
                array.at(static_cast<int>(m.layer), static_cast<int>(m.phase), 0).cycles)
          << node.name << " of step " << i << ", phase " << static_cast<int>(m.phase) << ", seed "
          << seed_of_test();
      ++products;
      if (product.gemm == Gemm::kDataGradient && product.shape.y.stride > 1 &&
          tiling.rows % product.shape.y.stride != 0 && tiling.rows < product.height())
        ++strided;
    }
    if (HasFailure()) return;
  }
  EXPECT_GT(products, 100);
  std::cout << products << " products, " << strided << " of them strided and cut inside a stride\n";
}

}  // namespace
}  // namespace octet::sim
