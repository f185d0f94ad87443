// The float32 machine: the baseline that 8 bits are held against.
#include "common/error.hpp"
#include "sim/estimate.hpp"
#include "sim/program/execute.hpp"
#include "sim/program/lower.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

Program program_of(const char* network, const char* recipe, const Hardware& hardware, int batch) {
  return lower(workloads::find_network(network), model::find_recipe(recipe), hardware, batch);
}

std::int64_t macs_of(const Program& program) {
  std::int64_t sum = 0;
  for (const Command& command : program.commands)
    if (command.op == Opcode::kGemm) sum += command.macs();
  return sum;
}

TEST(Float32, SameProductsNoCodes) {
  for (const char* network : {"tiny-cnn", "fashion-cnn"}) {
    SCOPED_TRACE(network);
    const Hardware hardware = find_hardware("base");
    const Program program = program_of(network, "float32", hardware, 8);
    EXPECT_TRUE(program.float32);
    EXPECT_EQ(macs_of(program), macs_of(program_of(network, "int8", hardware, 8)));
    for (const Command& command : program.commands) {
      EXPECT_NE(command.op, Opcode::kQuantise);
      EXPECT_NE(command.op, Opcode::kQuantiseWeight);
      EXPECT_NE(command.op, Opcode::kRange);
      EXPECT_EQ(command.wide_operand, 0);
    }
    for (const Tensor& tensor : program.tensors) {
      const int bytes = tensor.kind == TensorKind::kLabel       ? 2
                        : tensor.kind == TensorKind::kPoolIndex ? 1
                                                                : 4;
      EXPECT_EQ(tensor.element_bytes, bytes) << tensor.name;
      EXPECT_NE(tensor.kind, TensorKind::kGradient16) << tensor.name;
    }
  }
}

// Nothing waits for a range: a norm before an addition is applied as that reads it, and the second
// gradient of a block's output is added as it leaves the accumulators.
TEST(Float32, AdditionsTakeNoPassOfTheirOwn) {
  const Program program = program_of("resnet-20", "float32", find_hardware("base"), 2);
  int deferred = 0, added = 0;
  for (const Tensor& tensor : program.tensors) {
    EXPECT_EQ(tensor.name.find(".sum"), std::string::npos) << tensor.name;
    const bool before_add = tensor.name.ends_with("norm2.codes");
    if (before_add) {
      EXPECT_EQ(tensor.address, -1) << tensor.name;
    }
    deferred += before_add ? 1 : 0;
  }
  EXPECT_EQ(deferred, 9);
  int layer = -1;
  for (const Command& command : program.commands) {
    if (command.op != Opcode::kAddWide || command.layer == layer) continue;
    layer = command.layer;
    EXPECT_EQ(program.layers[static_cast<std::size_t>(layer)].op, "conv");
    EXPECT_EQ(command.phase, Phase::kDataGradient);
    ++added;
  }
  EXPECT_EQ(added, 9);  // the input of each block has two readers
}

TEST(Float32, TextRoundTrip) {
  const Program program = program_of("tiny-cnn", "float32", find_hardware("edge"), 2);
  EXPECT_EQ(parse_program(print_program(program)), program);
}

TEST(Float32, CostsMoreThanDelayedEightBits) {
  // Delayed ranges have the same passes over the data, so every part can be compared.
  for (const char* machine : {"edge", "base", "server"}) {
    SCOPED_TRACE(machine);
    const Hardware hardware = find_hardware(machine);
    const auto step = [&](const char* recipe) {
      return estimate_step(workloads::find_network("fashion-cnn"), model::find_recipe(recipe),
                           hardware, 16);
    };
    const StepEstimate wide = step("float32");
    const StepEstimate codes = step("int8-delayed");
    EXPECT_GT(wide.stats.total().dram_bytes, codes.stats.total().dram_bytes);
    EXPECT_GT(wide.stats.total().sram_bytes, codes.stats.total().sram_bytes);
    EXPECT_GT(wide.joules(), codes.joules());
    EXPECT_EQ(wide.stats.total().macs, codes.stats.total().macs);
  }
}

TEST(Float32, DoesNotRunOnTheGoldenOperations) {
  const workloads::Network network = workloads::find_network("tiny-cnn");
  const Program program = program_of("tiny-cnn", "float32", find_hardware("base"), 1);
  model::TrainingState state = model::initial_state(network, 1);
  const std::vector<std::uint8_t> image(784);
  const std::vector<std::uint16_t> label(1);
  EXPECT_THROW(
      (void)execute(program, network, model::find_recipe("float32"), state, image, label, {}),
      Error);
}

}  // namespace
}  // namespace octet::sim
