#include "sim/timing/costs.hpp"
#include "sim/timing/machine.hpp"

#include <algorithm>
#include <numeric>

#include "common/error.hpp"
#include "sim/program/execute.hpp"
#include "sim/program/lower.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

TEST(Gemm, TwoPassDoublesTheWideProduct) {
  Command c;
  c.op = Opcode::kGemm;
  c.phase = Phase::kWeightGradient;
  c.rows = 9;
  c.cols = 10;
  c.depth = 100;
  c.g = 2;
  c.wide_operand = 1;
  Program program;
  program.tensors = {{"x", TensorKind::kActivation, 0, 900, 1, 9, 0},
                     {"g16", TensorKind::kGradient16, 0, 1000, 2, 10, 1024}};
  c.a = 0;
  c.b = 1;
  HardwareText text;
  const Cost native = cost_of(c, program, text.read());
  text.datapath = "two_pass";
  const Cost twice = cost_of(c, program, text.read());
  EXPECT_EQ(native.cycles, 2 * 4 * (100 + 14));
  EXPECT_EQ(twice.cycles, 2 * native.cycles);
  EXPECT_EQ(native.counters.macs, 2 * 9 * 10 * 100);
  EXPECT_EQ(twice.counters.macs, native.counters.macs);
  // A float32 product of the same shape takes the same time and four bytes an operand.
  program.float32 = true;
  for (Tensor& tensor : program.tensors) tensor.element_bytes = 4;
  c.wide_operand = 0;
  const Cost wide = cost_of(c, program, text.read());
  EXPECT_EQ(wide.cycles, native.cycles);
  const auto count = [](const Cost& cost, Activity activity) {
    return cost.counters.activity[static_cast<std::size_t>(activity)];
  };
  EXPECT_EQ(count(wide, Activity::kMacFp32), wide.counters.macs);
  EXPECT_EQ(count(wide, Activity::kMac8x8), 0);
  EXPECT_EQ(count(wide, Activity::kSramActivationRead),
            4 * count(native, Activity::kSramActivationRead));
  EXPECT_EQ(count(wide, Activity::kSramWeightRead), 2 * count(native, Activity::kSramWeightRead));
}

// A movement: lanes and bytes, no arithmetic.
TEST(Vector, ShortcutCountsElementsAndBytes) {
  Program program;
  program.tensors = {{"x", TensorKind::kActivation, 0, 480, 1, 4, 0},
                     {"y", TensorKind::kActivation, 0, 960, 1, 8, 512},
                     {"dy", TensorKind::kWideGradient, 0, 960, 4, 8, 1472},
                     {"dx", TensorKind::kWideGradient, 0, 480, 4, 4, 5312}};
  HardwareText text;
  text.width = 2;  // 4 banks of 2 bytes: fewer than the 8 lanes make
  text.rows = text.cols = 1;
  const Hardware hw = text.read();
  const auto cost = [&](Opcode op, std::int64_t from, std::int64_t to, std::int64_t made) {
    Command c;
    c.op = op;
    c.a = from;
    c.out = to;
    c.count = made;
    c.m = 480;
    return cost_of(c, program, hw);
  };
  const Cost forward = cost(Opcode::kShortcut, 0, 1, 960);
  EXPECT_EQ(forward.cycles, hw.vector_depth + (960 + 480) / 8);
  EXPECT_EQ(forward.counters.sram_bytes, 960 + 480);
  const Cost backward = cost(Opcode::kShortcutGrad, 2, 3, 480);
  EXPECT_EQ(backward.cycles, hw.vector_depth + 4 * (480 + 480) / 8);
  EXPECT_EQ(backward.counters.sram_bytes, 4 * (480 + 480));
  for (const Activity activity : {Activity::kInt32Multiply, Activity::kInt32Add}) {
    EXPECT_EQ(forward.counters.activity[static_cast<std::size_t>(activity)], 0);
    EXPECT_EQ(backward.counters.activity[static_cast<std::size_t>(activity)], 0);
  }
}

// The layer that docs/timing.md works out by hand.
TEST(Machine, SmallLayerByHand) {
  const Program program = layer_by_hand();
  const MachineRun run = run_machine(program, HardwareText{}.read());
  const std::vector<std::pair<std::int64_t, std::int64_t>> want{
      {0, 33}, {33, 51}, {51, 316}, {316, 345}};
  for (std::size_t i = 0; i < want.size(); ++i) {
    EXPECT_EQ(run.intervals[i].start, want[i].first) << i;
    EXPECT_EQ(run.intervals[i].end, want[i].second) << i;
  }
  EXPECT_EQ(run.stats.cycles, 345);
  EXPECT_EQ(run.stats.total().dram_bytes, (10 + 5 + 13) * 64);
  EXPECT_EQ(run.stats.total().macs, 20 * 10 * 30);
}

// The same layer with the other dataflows: only the product's time differs.
TEST(Machine, SmallLayerInEveryDataflow) {
  const std::string head =
      "program hand test 20 integer\nlayer fc fc\n"
      "tensor x activation 0 600 1 30 0\n"
      "tensor w weight 0 300 1 10 640\n"
      "tensor y wide_activation 0 200 4 10 960\n"
      "do gemm 0 forward a=0 b=1 out=2 m=20 n=10 k=30 g=1 rows=20 cols=10 depth=30 dataflow=";
  const std::int64_t plain[] = {264, 336, 384};
  const std::int64_t overlapped[] = {194, 182, 142};
  for (int flow = 0; flow < kDataflows; ++flow) {
    HardwareText text;
    const Program program = parse_program(head + std::to_string(flow) + "\n");
    EXPECT_EQ(run_machine(program, text.read()).stats.cycles, plain[flow] + 1) << flow;
    text.fold_overlap = true;
    EXPECT_EQ(run_machine(program, text.read()).stats.cycles, overlapped[flow] + 1) << flow;
  }
  EXPECT_THROW((void)parse_program(head + "3\n"), Error);
}

// Any order that the machine allows computes the same bits: the dependencies are enough.
TEST(Machine, OrderOfTheMachineComputesTheSameBits) {
  const auto network = workloads::find_network("tiny-cnn");
  const model::SgdRates rates{0.05F, 0.9F, 1e-4F, true};
  HardwareText text;
  text.activation = text.weight = text.accumulator = 4096;
  const Hardware hw = text.read();
  for (const char* name : {"int8", "int8-delayed"}) {
    const auto recipe = model::find_recipe(name);
    model::TrainingState plain = model::initial_state(network, 3);
    model::TrainingState timed = plain;
    for (int step = 0; step < 2; ++step) {
      const Program program = lower(network, recipe, hw, 4, step == 0);
      const MachineRun run = run_machine(program, hw);
      const auto images = random_bytes(network.input().out.elements() * 4, 256, step);
      const auto labels = random_labels(4, network.classes, step);
      (void)execute(program, network, recipe, plain, images, labels, rates);
      for (const bool by_start : {true, false}) {
        std::vector<int> order(program.commands.size());
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
          return by_start ? run.intervals[a].start < run.intervals[b].start
                          : run.intervals[a].end < run.intervals[b].end;
        });
        EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
        model::TrainingState state = timed;
        (void)execute(program, network, recipe, state, images, labels, rates, order);
        expect_same_state(plain, state);
      }
      timed = plain;
    }
  }
}

// Every product takes its closed form and the issue cycle, however the rest of the machine is busy.
TEST(Machine, ProductsTakeTheirClosedForm) {
  HardwareText text;
  text.datapath = "two_pass";
  text.dataflow = "os";
  const Hardware hw = text.read();
  const Program program =
      lower(workloads::find_network("fashion-cnn"), model::find_recipe("int8"), hw, 8);
  const MachineRun run = run_machine(program, hw);
  int products = 0;
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < program.commands.size(); ++i) {
    const Command& c = program.commands[i];
    if (c.op != Opcode::kGemm) continue;
    ++products;
    const std::int64_t passes = c.phase == Phase::kWeightGradient ? 2 : 1;
    const std::int64_t folds = ((c.rows + 7) / 8) * ((c.cols + 7) / 8);
    const std::int64_t want = 1 + passes * c.g * folds * (c.depth + 8 + 8 - 2);
    EXPECT_EQ(run.intervals[i].end - run.intervals[i].start, want);
    sum += want;
  }
  EXPECT_GT(products, 100);
  EXPECT_EQ(run.stats.unit_time[static_cast<std::size_t>(Unit::kMacArray)].busy, sum);
}

TEST(Machine, ADependencyOnTheFutureIsAnError) {
  const Program program = parse_program(
      "program hand test 1 integer\nlayer fc fc\ntensor x activation 0 64 1 64 0\n"
      "do load 0 forward a=0 run_bytes=64 runs=1 deps=1\n"
      "do load 0 forward a=0 run_bytes=64 runs=1\n");
  EXPECT_THROW((void)run_machine(program, HardwareText{}.read()), Error);
}

TEST(Machine, CommandsWaitForWhatTheyDependOn) {
  const Hardware hw = find_hardware("edge");
  const Program program =
      lower(workloads::find_network("tiny-cnn"), model::find_recipe("int8"), hw, 16);
  const MachineRun run = run_machine(program, hw);
  for (std::size_t i = 0; i < program.commands.size(); ++i) {
    for (const int d : program.commands[i].deps) {
      EXPECT_GE(run.intervals[i].start, run.intervals[d].end);
    }
  }
}

}  // namespace
}  // namespace octet::sim
