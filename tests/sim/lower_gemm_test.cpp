#include "sim/program/lower_gemm.hpp"

#include "common/error.hpp"
#include "sim/estimate.hpp"
#include "sim/mapping/array.hpp"
#include "sim/timing/costs.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

using Operands = GemmProblem::Operands;

std::int64_t macs_of(const Program& program) {
  std::int64_t macs = 0;
  for (const Command& c : program.commands) macs += c.op == Opcode::kGemm ? c.macs() : 0;
  return macs;
}

// Weights in slices of a kilobyte a row open so many rows that the memory gives half of its bytes.
TEST(LowerGemm, OpensFewRows) {
  const Hardware tpu = find_hardware("tpuv3");
  const Program program = lower_gemm({49, 512, 4608, Operands::kFloat32}, tpu);
  const StepEstimate step = estimate_program(program, tpu);
  const double bytes = static_cast<double>(step.stats.total().dram_bytes);
  EXPECT_LT(static_cast<double>(step.stats.cycles), 1.35 * bytes / tpu.dram_bytes_per_cycle());
}

TEST(LowerGemm, EveryMacAndEveryResultOnce) {
  HardwareText text;  // small, so that there are many tiles
  const Hardware hw = text.read();
  for (const Operands operands :
       {Operands::k8x8, Operands::k8x16, Operands::kFloat32, Operands::kFloat16}) {
    for (const GemmProblem& p :
         {GemmProblem{1, 1, 1, operands}, GemmProblem{20, 10, 30, operands},
          GemmProblem{1000, 300, 77, operands}, GemmProblem{3, 2000, 5000, operands}}) {
      SCOPED_TRACE(std::to_string(p.m) + " " + std::to_string(p.n) + " " + std::to_string(p.k));
      const Program program = lower_gemm(p, hw);
      EXPECT_EQ(macs_of(program), p.m * p.n * p.k);
      std::int64_t stored = 0;
      for (const Command& c : program.commands)
        stored += c.op == Opcode::kStore ? c.dma_bytes() : 0;
      EXPECT_EQ(stored, (operands == Operands::kFloat16 ? 2 : 4) * p.m * p.n);
      EXPECT_EQ(parse_program(print_program(program)), program);
    }
  }
}

// Its product is the layer of docs/timing.md by hand.
TEST(LowerGemm, TheLayerByHand) {
  HardwareText text;
  text.extra = "";
  Hardware hw = text.read();
  hw.dataflow = Dataflow::kOutput;
  const Program program = lower_gemm({20, 10, 30, Operands::k8x8}, hw);
  std::int64_t products = 0;  // each takes a cycle to issue
  for (const Command& c : program.commands) products += c.op == Opcode::kGemm ? 1 : 0;
  const StepEstimate e = estimate_program(program, hw);
  EXPECT_EQ(e.stats.unit_time[static_cast<std::size_t>(Unit::kMacArray)].busy,
            array_cycles({20, 10, 30}, Dataflow::kOutput, hw) + products);
  EXPECT_EQ(e.stats.total().macs, 6000);
  EXPECT_GE(e.stats.total().dram_bytes, 600 + 300 + 800);
}

// Rows of a few bytes from a memory that answers after some cycles: one at a time waits for each.
TEST(LowerGemm, RunsInFlightHideTheMemorysLatency) {
  HardwareText text;
  Hardware hw = text.read();
  const Program program = lower_gemm({64, 64, 2000, Operands::k8x8}, hw);
  std::int64_t runs = 0;
  for (const Command& c : program.commands) runs += c.op == Opcode::kLoad ? c.runs : 0;
  const auto cycles = [&](int in_flight) {
    hw.dma_in_flight = in_flight;
    return estimate_program(program, hw).stats.cycles;
  };
  // An idle read of an open row takes 23 clocks of 1.2 GHz, over 9 cycles of 500 MHz.
  EXPECT_GE(cycles(1), 9 * runs);
  EXPECT_LT(cycles(16), cycles(1));
  EXPECT_LE(cycles(64), cycles(16));
}

TEST(LowerGemm, WideOperandTakesTwoPassesWhereTheArrayHasNoWideMultiplier) {
  HardwareText text;
  const GemmProblem p{64, 32, 500, Operands::k8x16};
  const Hardware native = text.read();
  text.datapath = "two_pass";
  const Hardware two = text.read();
  const auto busy = [&](const Hardware& hw) {
    return estimate_program(lower_gemm(p, hw), hw).stats.unit_time[0].busy;
  };
  EXPECT_GT(busy(two), 1.9 * static_cast<double>(busy(native)));
}

TEST(LowerGemm, SizesOutOfRange) {
  const Hardware hw = HardwareText{}.read();
  EXPECT_THROW((void)lower_gemm({0, 1, 1}, hw), Error);
  EXPECT_THROW((void)lower_gemm({1, -1, 1}, hw), Error);
  EXPECT_THROW((void)lower_gemm({kMaxGemmSize, kMaxGemmSize, kMaxGemmSize}, hw), Error);
  EXPECT_THROW((void)lower_gemm({1, kMaxGemmSize + 1, 1}, hw), Error);
}

}  // namespace
}  // namespace octet::sim
