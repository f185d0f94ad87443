// A program run tile by tile leaves the same bits as the layer engine.
#include "sim/program/execute.hpp"

#include "common/error.hpp"
#include "sim/program/lower.hpp"
#include "tests/common/temp_dir.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

struct Case {
  const char* network;
  const char* recipe;
  int batch;
  HardwareText hardware;
};

void run_steps(const Case& c, int steps) {
  const auto network = workloads::find_network(c.network);
  const auto recipe = model::find_recipe(c.recipe);
  const Hardware hardware = c.hardware.read();
  const auto engine = model::make_integer_engine(network, recipe, {c.batch, 1, 7});
  model::TrainingState state = model::initial_state(network, 7);
  const model::SgdRates rates{0.05F, 0.9F, 1e-4F, true};
  for (int step = 0; step < steps; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const auto images = random_bytes(network.input().out.elements() * c.batch, 256, 10 + step);
    const auto labels = random_labels(c.batch, network.classes, 20 + step);
    const Program program = lower(network, recipe, hardware, c.batch, step == 0);
    const StepOutcome mine = execute(program, network, recipe, state, images, labels, rates);
    const model::StepResult theirs = engine->train_step(images, labels, rates);
    expect_same_state(engine->state(), state);
    EXPECT_EQ(mine.correct, theirs.correct);
    EXPECT_EQ(mine.saturated, theirs.saturated);
    EXPECT_NEAR(mine.loss_sum, theirs.loss_sum, 1e-9 * theirs.loss_sum);
  }
}

bool program_tensor_is(const Program& program, const Command& c, TensorKind kind) {
  return program.tensors[static_cast<std::size_t>(c.a)].kind == kind;
}

HardwareText odd() {
  HardwareText text;
  text.rows = 5;
  text.cols = 3;
  text.activation = 2 * 4 * 401;
  text.weight = 2 * 4 * 53;
  text.accumulator = 2 * 4 * 257;
  return text;
}

TEST(Execute, TinyCnnOnOddTiles) { run_steps({"tiny-cnn", "int8", 4, odd()}, 3); }
TEST(Execute, TinyCnnDelayedRanges) { run_steps({"tiny-cnn", "int8-delayed", 4, odd()}, 3); }
TEST(Execute, TinyCnnNotBifurcated) { run_steps({"tiny-cnn", "int8-no-bifurcation", 3, odd()}, 2); }
TEST(Execute, TinyCnnNearest) { run_steps({"tiny-cnn", "int8-nearest", 5, odd()}, 2); }
TEST(Execute, TinyCnnLargeScratchpads) { run_steps({"tiny-cnn", "int8", 6, {}}, 2); }

// What the shipped networks lack: a tensor read by a norm and a ReLU (gradients of one scale and of
// a scale a channel are added), overlapping and padded pools, dilation, stride 2 without a kernel.
const char* const kKnots = R"(
name: knots
description: every awkward edge
dataset: {kind: idx, path: nowhere, mean: 0.3, deviation: 0.4}
input: {height: 11, width: 9, channels: 3}
classes: 5
training: {schedule: constant, peak_rate: 0.05, momentum: 0.9, nesterov: true,
           weight_decay: 1e-4, epochs: 1, batch: 3}
layers:
  - {name: conv1, op: conv, out: 6, kernel: 3, pad: 1}
  - {name: norm1, op: norm}
  - {name: relu1, op: relu}
  - {name: relu2, op: relu, from: [conv1]}
  - {name: add1, op: add, from: [relu1, relu2]}
  - {name: pool1, op: max_pool, kernel: 3, stride: 2, pad: 1}
  - {name: conv2, op: conv, out: 9, kernel: 3, pad: 2, dilation: 2, groups: 3}
  - {name: pool2, op: avg_pool, kernel: 3, stride: 1, pad: 1}
  - {name: norm2, op: norm}
  - {name: add2, op: add, from: [norm2, pool2]}
  - {name: relu3, op: relu}
  - {name: conv3, op: conv, out: 7, kernel: 1, stride: 2, bias: true}
  - {name: relu4, op: relu}
  - {name: fc1, op: fc, out: 5}
)";

TEST(Execute, KnottedGraph) {
  const std::string path = octet::testing::scratch_file("knots.yaml");
  std::ofstream(path) << kKnots;
  for (const char* recipe : {"int8", "int8-delayed", "int8-no-bifurcation"}) {
    SCOPED_TRACE(recipe);
    run_steps({path.c_str(), recipe, 3, odd()}, 3);
    run_steps({path.c_str(), recipe, 5, {}}, 2);
  }
}

// More classes than a byte tells apart; the labels are drawn from all of them.
const char* const kManyClasses = R"(
name: many-classes
description: labels of 16 bits
dataset: {kind: idx, path: nowhere, mean: 0.3, deviation: 0.4}
input: {height: 5, width: 4, channels: 1}
classes: 1000
training: {schedule: constant, peak_rate: 0.05, epochs: 1, batch: 3}
layers:
  - {name: fc1, op: fc, out: 1000}
)";

TEST(Execute, ManyClasses) {
  const std::string path = octet::testing::scratch_file("many_classes.yaml");
  std::ofstream(path) << kManyClasses;
  HardwareText text = odd();
  text.weight = text.accumulator = 2 * 4 * 4001;  // the bias; two images' logits at a time
  run_steps({path.c_str(), "int8", 7, text}, 2);
  run_steps({path.c_str(), "int8-delayed", 7, {}}, 2);
}

// Scratchpads that hold no image row, hardly a window: rows are cut by columns and channels, the
// depth by kernel rows, taps and channels.
HardwareText tiny_pads(long activation) {
  HardwareText text;
  text.rows = 3;
  text.cols = 2;
  text.activation = activation;
  text.weight = 2 * 8 * 16;       // gamma and beta of 16 channels
  text.accumulator = 2 * 4 * 25;  // the logits of an image
  return text;
}

TEST(Execute, RowsThatFitNowhere) {
  const std::string path = octet::testing::scratch_file("knots_cut.yaml");
  std::ofstream(path) << kKnots;
  for (const long activation : {400L, 152L, 104L}) {
    SCOPED_TRACE(activation);
    for (const char* recipe : {"int8", "int8-delayed"}) {
      SCOPED_TRACE(recipe);
      run_steps({path.c_str(), recipe, 3, tiny_pads(activation)}, 2);
    }
  }
  run_steps({"tiny-cnn", "int8", 2, tiny_pads(64)}, 1);
}

std::string stochastic_recipe() {
  const std::string path = octet::testing::scratch_file("stochastic.yaml");
  std::ofstream(path) << "name: stochastic\narithmetic: integer\n"
                         "bits: {weight: 6, activation: 7, gradient: 5, weight_gradient: 12}\n"
                         "rounding: {activation: stochastic, gradient: nearest, "
                         "weight_gradient: stochastic}\n"
                         "bifurcated: true\nnorm: range_bn\nrange_constant: paper\nchunks: 3\n"
                         "range: current\n";
  return path;
}

std::string no_norm_recipe() {
  const std::string path = octet::testing::scratch_file("no_norm.yaml");
  std::ofstream(path) << "name: no-norm\narithmetic: integer\n"
                         "bits: {weight: 8, activation: 8, gradient: 8, weight_gradient: 8}\n"
                         "rounding: {activation: nearest, gradient: stochastic, "
                         "weight_gradient: nearest}\n"
                         "bifurcated: true\nnorm: none\n"
                         "range: delayed\n";
  return path;
}

// Residual blocks: shortcuts that change the shape, by a stride that leaves a rest and by one that
// does not, from a tensor that others read and from one that only they read, of the image itself
// and into the loss; an addition that feeds a ReLU and one that feeds two others; a gradient of a
// scale a channel that reaches a shortcut; the average of whole images.
const char* const kResiduals = R"(
name: residuals
description: shortcuts of every kind
dataset: {kind: idx, path: nowhere, mean: 0.3, deviation: 0.4}
input: {height: 10, width: 7, channels: 3}
classes: 5
training: {schedule: constant, peak_rate: 0.05, momentum: 0.9, nesterov: true,
           weight_decay: 1e-4, epochs: 1, batch: 3}
layers:
  - {name: image, op: shortcut, out: 4}
  - {name: conv1, op: conv, out: 4, kernel: 3, pad: 1, from: input}
  - {name: norm1, op: norm}
  - {name: add1, op: add, from: [norm1, image]}
  - {name: relu1, op: relu}
  - {name: conv2, op: conv, out: 9, kernel: 3, stride: 2, pad: 1}
  - {name: norm2, op: norm}
  - {name: short2, op: shortcut, out: 9, stride: 2, from: relu1}
  - {name: add2, op: add, from: [norm2, short2]}
  - {name: conv3, op: conv, out: 9, kernel: 1}
  - {name: add3, op: add, from: [add2, conv3]}
  - {name: relu3, op: relu}
  - {name: short4, op: shortcut, out: 12, stride: [2, 3]}
  - {name: norm4, op: norm}
  - {name: short5, op: shortcut, out: 14}
  - {name: norm5, op: norm}
  - {name: relu5, op: relu}
  - {name: pool, op: avg_pool}
  - {name: fc1, op: fc, out: 3}
  - {name: logits, op: shortcut, out: 5}
)";

TEST(Execute, Residuals) {
  const std::string path = octet::testing::scratch_file("residuals.yaml");
  std::ofstream(path) << kResiduals;
  for (const std::string& recipe :
       {std::string("int8"), std::string("int8-delayed"), std::string("int8-no-bifurcation"),
        stochastic_recipe(), no_norm_recipe()}) {
    SCOPED_TRACE(recipe);
    run_steps({path.c_str(), recipe.c_str(), 3, odd()}, 3);
    run_steps({path.c_str(), recipe.c_str(), 5, {}}, 2);
    run_steps({path.c_str(), recipe.c_str(), 3, tiny_pads(152)}, 2);
  }
}

TEST(Execute, ResNet20) {
  HardwareText text;
  text.rows = text.cols = 16;
  run_steps({"resnet-20", "int8", 2, text}, 1);
}

TEST(Execute, OtherRecipes) {
  run_steps({"tiny-cnn", stochastic_recipe().c_str(), 4, odd()}, 2);
  run_steps({"tiny-cnn", no_norm_recipe().c_str(), 4, odd()}, 3);
}

TEST(Execute, ChecksThatLoadsFollowStores) {
  const auto network = workloads::find_network("tiny-cnn");
  const auto recipe = model::find_recipe("int8");
  Program program = lower(network, recipe, odd().read(), 2, true);
  for (std::size_t i = 0; i < program.commands.size(); ++i) {
    Command c = program.commands[i];
    if (c.op == Opcode::kStore && program_tensor_is(program, c, TensorKind::kActivation)) {
      c.run_bytes = 1;  // the first store of codes is cut short
      program.commands.replace(i, c);
      break;
    }
  }
  model::TrainingState state = model::initial_state(network, 7);
  const auto images = random_bytes(network.input().out.elements() * 2, 256, 1);
  const auto labels = random_labels(2, network.classes, 2);
  EXPECT_THROW((void)execute(program, network, recipe, state, images, labels, {}), Error);
}

// The machine charges means of sample extremes like extremes of the tensor; values it has none.
TEST(Execute, RefusesSampleMeans) {
  const auto network = workloads::find_network("tiny-cnn");
  const auto recipe = model::find_recipe("int8-authors");
  const auto tensor = model::find_recipe("int8-authors", {"extremes=tensor"});
  const Program program = lower(network, recipe, odd().read(), 2, true);
  EXPECT_EQ(print_program(program), print_program(lower(network, tensor, odd().read(), 2, true)));
  model::TrainingState state = model::initial_state(network, 7);
  const auto images = random_bytes(network.input().out.elements() * 2, 256, 1);
  const auto labels = random_labels(2, network.classes, 2);
  EXPECT_THROW((void)execute(program, network, recipe, state, images, labels, {}), Error);
}

TEST(Execute, FashionCnnDelayed) { run_steps({"fashion-cnn", "int8-delayed", 3, {}}, 2); }

TEST(Execute, FashionCnn) {
  HardwareText text;
  text.rows = 7;
  text.cols = 9;
  text.activation = 2 * 4 * 1301;
  text.weight = 2 * 4 * 701;
  text.accumulator = 2 * 4 * 1801;
  run_steps({"fashion-cnn", "int8", 4, text}, 2);
}

}  // namespace
}  // namespace octet::sim
