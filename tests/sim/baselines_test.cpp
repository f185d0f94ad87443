// The same machine with floating cells: what changes, and what must not.
#include "sim/baselines.hpp"

#include "common/error.hpp"
#include "sim/program/lower.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

std::vector<Baseline> baselines(const char* network, const char* recipe, const Hardware& hw,
                                int batch) {
  const auto net = workloads::find_network(network);
  const auto rec = model::find_recipe(recipe);
  return run_baselines(net, rec, hw, batch, estimate_step(net, rec, hw, batch));
}

Program float_program(const char* network, Datapath datapath, int batch) {
  return lower(workloads::find_network(network), model::find_recipe("float32"),
               float_machine(find_hardware("base"), datapath), batch);
}

std::int64_t moved(const StepEstimate& e, TensorKind kind) {
  const Traffic& t = e.stats.traffic[static_cast<std::size_t>(kind)];
  return t.read + t.written;
}

TEST(FloatMachine, AreaEqualArraysAreTheLargestThatFit) {
  const Hardware base = find_hardware("base");
  // 1024 / 10.4 is 98 cells: 8 x 12 is the largest near a square.
  const Hardware small = float_machine(base, Datapath::kFloat32, 10.4);
  EXPECT_EQ(std::int64_t{small.rows} * small.cols, 96);
  EXPECT_EQ(float_machine(base, Datapath::kFloat32, 4.0).rows, 16);
  EXPECT_EQ(float_machine(base, Datapath::kFloat32, 4.0).cols, 16);
  EXPECT_EQ(float_machine(base, Datapath::kFloat32, 1000.0).rows, 1);
  EXPECT_EQ(float_machine(base, Datapath::kFloat32, 1000.0).cols, 1);
  Hardware tall = base;
  tall.rows = 64;
  tall.cols = 16;
  const Hardware quarter = float_machine(tall, Datapath::kFloat32, 4.0);
  EXPECT_EQ(quarter.rows, 32);  // the proportions stay
  EXPECT_EQ(quarter.cols, 8);
  for (double ratio = 1.1; ratio < 40.0; ratio *= 1.3) {
    const Hardware hw = float_machine(base, Datapath::kFloat32, ratio);
    const double cells = static_cast<double>(hw.rows) * hw.cols;
    EXPECT_LE(cells, 1024 / ratio);
    EXPECT_GE(cells, 0.85 * (1024 / ratio)) << ratio;  // little is left over
    EXPECT_LE(static_cast<double>(hw.rows) / hw.cols, 1.5);
  }
}

// Whatever the array: no more silicon, and never less than half of it.
TEST(FloatMachine, AreaEqualArraysOfAnyShape) {
  Hardware hw = find_hardware("base");
  for (const auto& [rows, cols] :
       {std::pair{12, 4}, {4, 12}, {64, 1}, {1, 64}, {4096, 2}, {7, 5}}) {
    hw.rows = rows;
    hw.cols = cols;
    for (double ratio = 1.05; rows * cols / ratio >= 1.0; ratio *= 1.07) {
      SCOPED_TRACE(std::to_string(rows) + "x" + std::to_string(cols) + ", " +
                   std::to_string(ratio));
      const Hardware scaled = float_machine(hw, Datapath::kFloat16, ratio);
      const std::int64_t cells = std::int64_t{scaled.rows} * scaled.cols;
      const auto fit = static_cast<std::int64_t>(rows * cols / ratio);
      EXPECT_LE(cells, fit);
      EXPECT_GE(2 * cells, fit);
    }
  }
  hw.rows = 12;
  hw.cols = 4;
  const Hardware exact = float_machine(hw, Datapath::kFloat16, 5.3);  // 9 cells; 1.5 is not more
  EXPECT_EQ(exact.rows, 4);
  EXPECT_EQ(exact.cols, 2);
}

TEST(Baselines, AnArrayWithoutRoomForACellHasAReason) {
  const auto rows =
      baselines("tiny-cnn", "int8", find_hardware("base", {"array.rows=2", "array.cols=2"}), 2);
  ASSERT_EQ(rows.size(), 7U);
  EXPECT_TRUE(rows[1].step);  // PE-equal
  EXPECT_FALSE(rows[2].step);
  EXPECT_NE(rows[2].problem.find("array: found 2x2 cells"), std::string::npos) << rows[2].problem;
  EXPECT_EQ(rows[2].rows, 0);
}

TEST(FloatMachine, PortsFeedTheCells) {
  for (const char* machine : {"edge", "base", "server"}) {
    const Hardware hw = float_machine(find_hardware(machine), Datapath::kFloat32);
    EXPECT_GE(hw.activation.bytes_per_cycle(), 4 * hw.rows) << machine;
    EXPECT_GE(hw.weight.bytes_per_cycle(), 4 * hw.cols) << machine;
    EXPECT_EQ(hw.activation.bytes, find_hardware(machine).activation.bytes);
    EXPECT_EQ(hw.rows, find_hardware(machine).rows);
  }
}

TEST(Baselines, PeEqualAndAreaEqualRows) {
  for (const char* machine : {"edge", "base", "server"}) {
    SCOPED_TRACE(machine);
    const auto rows = baselines("tiny-cnn", "int8", find_hardware(machine), 8);
    ASSERT_EQ(rows.size(), 7U);
    const StepEstimate& own = *rows[0].step;
    const double array = own.area[0].mm2.typical;
    EXPECT_EQ(own.area[0].part, "array");
    for (std::size_t i = 1; i < rows.size(); ++i) {
      ASSERT_TRUE(rows[i].step) << rows[i].problem;
      const StepEstimate& step = *rows[i].step;
      EXPECT_EQ(step.stats.total().macs, own.stats.total().macs);
      EXPECT_EQ(step.clock_hz, own.clock_hz);
      if (rows[i].sizing == "pe_equal") {
        EXPECT_EQ(step.array_cells, own.array_cells);
        EXPECT_GT(step.area[0].mm2.typical, array);
      } else {
        EXPECT_LE(step.area[0].mm2.typical, array * (1 + 1e-12));
        EXPECT_GE(step.area[0].mm2.typical, 0.8 * array);
      }
      const AgainstInt8 ratio = against_int8(step, own);
      EXPECT_LE(ratio.energy.low, ratio.energy.typical);
      EXPECT_LE(ratio.energy.typical, ratio.energy.high);
    }
    // One datapath of each width moves the same bytes.
    EXPECT_EQ(rows[3].step->stats.total().dram_bytes, rows[5].step->stats.total().dram_bytes);
    EXPECT_EQ(rows[3].step->stats.cycles, rows[5].step->stats.cycles);
    EXPECT_GT(rows[3].step->joules(), rows[5].step->joules());
  }
}

TEST(Baselines, BytesOfAValue) {
  // The same tensors by kind, twice and four times the bytes of a code; masters and momentum are
  // 32 bits everywhere.
  for (const auto& [datapath, bytes] :
       {std::pair{Datapath::kFloat32, 4}, {Datapath::kFloat16, 2}}) {
    const Program program = float_program("fashion-cnn", datapath, 4);
    for (const Tensor& tensor : program.tensors) {
      switch (tensor.kind) {
        case TensorKind::kImage:
        case TensorKind::kActivation:
        case TensorKind::kWeight:
          EXPECT_EQ(tensor.element_bytes, bytes) << tensor.name;
          break;
        case TensorKind::kMaster:
        case TensorKind::kMomentum:
        case TensorKind::kWeightGradient:
          EXPECT_EQ(tensor.element_bytes, 4) << tensor.name;
          break;
        case TensorKind::kWideGradient:
          EXPECT_EQ(tensor.element_bytes, tensor.address >= 0 ? bytes : 4) << tensor.name;
          break;
        default:
          break;
      }
      EXPECT_NE(tensor.kind, TensorKind::kGradient16) << tensor.name;
    }
    for (const Command& command : program.commands) {
      EXPECT_NE(command.op, Opcode::kQuantise);
      EXPECT_NE(command.op, Opcode::kQuantiseWeight);
      EXPECT_NE(command.op, Opcode::kRange);
      EXPECT_EQ(command.wide_operand, 0);
    }
  }
}

TEST(Baselines, HalfTheWidthHalfTheActivations) {
  const auto rows = baselines("fashion-cnn", "int8-delayed", find_hardware("server"), 16);
  const StepEstimate& codes = *rows[0].step;
  const StepEstimate& wide = *rows[1].step;
  const StepEstimate& half = *rows[3].step;
  // A server holds what it reads again, so the stash moves once: bytes go with the width.
  const auto ratio = [&](const StepEstimate& a, const StepEstimate& b) {
    return static_cast<double>(moved(a, TensorKind::kActivation)) /
           static_cast<double>(moved(b, TensorKind::kActivation));
  };
  EXPECT_NEAR(ratio(half, codes), 2.0, 0.1);
  EXPECT_NEAR(ratio(wide, codes), 4.0, 0.2);
  const auto momentum = static_cast<double>(moved(codes, TensorKind::kMomentum));
  EXPECT_NEAR(static_cast<double>(moved(half, TensorKind::kMomentum)), momentum, 0.01 * momentum);
  // The 16-bit copy is written by the update and read by the products; float32 has none.
  EXPECT_GT(moved(half, TensorKind::kWeight), 0);
  EXPECT_EQ(moved(wide, TensorKind::kWeight), 0);
}

TEST(Baselines, TwoPassIsAnIntegerMatter) {
  Hardware hw = find_hardware("base");
  hw.gradient_datapath = GradientDatapath::kTwoPass;
  const std::int64_t two = baselines("tiny-cnn", "int8", hw, 8)[1].step->stats.cycles;
  hw.gradient_datapath = GradientDatapath::kNative;
  EXPECT_EQ(two, baselines("tiny-cnn", "int8", hw, 8)[1].step->stats.cycles);
}

TEST(Baselines, ANormIsKept) {
  // Without norms neither side does any of their work.
  workloads::Network net = workloads::find_network("tiny-cnn");
  model::Recipe recipe = model::find_recipe("int8");
  recipe.norm = model::Recipe::Norm::kNone;
  const Hardware hw = find_hardware("base");
  const auto rows = run_baselines(net, recipe, hw, 4, estimate_step(net, recipe, hw, 4));
  for (const Baseline& row : rows) {
    EXPECT_EQ(row.step->stats.unit_time[static_cast<int>(Unit::kRangeBn)].busy, 0);
  }
}

TEST(Baselines, RefuseARecipeOfFloats) {
  const auto net = workloads::find_network("tiny-cnn");
  const auto recipe = model::find_recipe("float32");
  const Hardware hw = find_hardware("base");
  const StepEstimate own = estimate_step(net, recipe, hw, 4);
  testing::expect_error_with([&] { (void)run_baselines(net, recipe, hw, 4, own); },
                             {"--baselines", "float32"}, 2);
}

TEST(Baselines, FloatingCellsRefuseIntegers) {
  Hardware hw = find_hardware("base");
  hw.datapath = Datapath::kFloat16;
  testing::expect_error_with(
      [&] {
        (void)estimate_step(workloads::find_network("tiny-cnn"), model::find_recipe("int8"), hw, 4);
      },
      {hw.file, "array.datapath", "float16", "int8"});
}

}  // namespace
}  // namespace octet::sim
