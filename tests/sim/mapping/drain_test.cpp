// What the mapping takes draining a tile for, against the commands that drain it.
#include <numeric>

#include "sim/program/lower_gemm.hpp"
#include "sim/program/lowering/sink.hpp"
#include "sim/timing/costs.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

// A vector unit that is held up by its port alone, a byte a cycle: cycles are bytes.
Hardware one_byte_a_cycle() {
  Hardware hw = HardwareText{}.read();
  hw.accumulator.banks = hw.accumulator.width_bytes = 1;
  hw.vector_lanes = 1 << 30;
  hw.vector_depth = 0;
  return hw;
}

std::int64_t vector_cycles(const Program& program, const Hardware& hw, int* commands) {
  std::int64_t cycles = 0;
  for (const Command& c : program.commands) {
    if (unit_of(c.op) != Unit::kVector) continue;
    cycles += cost_of(c, program, hw).cycles;
    ++*commands;
  }
  return cycles;
}

TEST(Drain, BytesAtThePortAreThoseOfItsCommands) {
  const Hardware hw = one_byte_a_cycle();
  std::mt19937 random(7);
  const auto one_of_two = [&] { return random() % 2 == 0; };
  for (int round = 0; round < 100; ++round) {
    MappingCache mappings(hw, MappingStrategy::kSearch);
    Program program;
    program.float32 = round % 4 == 0;
    program.layers.push_back({"layer", "conv"});
    ProgramEmitter emitter(program);
    Builder b(hw, mappings, program, emitter);
    const int code = program.float32 ? 4 : 1;
    const auto tensor = [&](int bytes) {
      return b.add_tensor("t", TensorKind::kActivation, 100, bytes, 10);
    };
    Sink sink;
    sink.wide = tensor(4);
    if (one_of_two()) sink.addend = tensor(4);
    for (auto masks = random() % 3; masks > 0; --masks) sink.masks.push_back({tensor(code), 0});
    sink.range = one_of_two();
    sink.store_wide = one_of_two();
    if (one_of_two()) sink.codes = tensor(code);
    if (one_of_two()) sink.codes16 = tensor(program.float32 ? 4 : 2);
    const Drain expected = drain_of(b, sink);
    drain(b, sink, {0, 100, 0, 0, 0}, b.acquire(Pad::kAccumulator), {});
    int commands = 0;
    const std::int64_t bytes = vector_cycles(program, hw, &commands);
    EXPECT_EQ(expected.passes, commands);
    EXPECT_EQ(100 * std::accumulate(expected.pass_bytes.begin(), expected.pass_bytes.end(),
                                    std::int64_t{0}),
              bytes);
  }
}

// 8 bytes of a sum are read and 4 of its value written: the formula is never below that.
TEST(Drain, WeightGradientsLeaveThroughThePort) {
  const Hardware hw = one_byte_a_cycle();
  const GemmProblem problem{40, 30, 8, GemmProblem::Operands::k8x16};
  const Program program = lower_gemm(problem, hw);
  int commands = 0;
  EXPECT_EQ(vector_cycles(program, hw, &commands), 12 * 40 * 30);
  Product product;
  product.gemm = Gemm::kWeightGradient;
  product.shape = {{}, {}, problem.k, 1, problem.m, problem.n};
  product.result_bytes = 8;
  Drain drain;
  drain.add_pass(12);
  drain.add_move(4);
  EXPECT_GE(search_mapping(product, drain, hw)->cost.cycles, 12 * 40 * 30);
}

}  // namespace
}  // namespace octet::sim
