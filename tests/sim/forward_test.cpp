// The forward pass alone, and inference: what is in them, and what is not.
#include <map>

#include "common/error.hpp"
#include "sim/estimate.hpp"
#include "sim/program/execute.hpp"
#include "sim/program/lower.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

constexpr const char* kRecipes[] = {"int8", "int8-delayed", "float32", "float32-batch-norm"};

Program program_of(const std::string& network, const std::string& recipe, Scope scope,
                   int batch = 4, const char* machine = "base") {
  return lower(workloads::find_network(network), model::find_recipe(recipe), find_hardware(machine),
               batch, false, MappingStrategy::kSearch, scope);
}

struct Moved {
  std::int64_t loaded = 0, stored = 0;
  bool operator==(const Moved&) const = default;
};

// Bytes of each tensor that forward-phase commands move, the loss layer's apart.
std::map<std::string, Moved> forward_bytes(const Program& program) {
  std::map<std::string, Moved> bytes;
  for (const Command& c : program.commands) {
    if (!c.transfers() || c.phase != Phase::kForward) continue;
    if (program.layers[static_cast<std::size_t>(c.layer)].op == "softmax_xent") continue;
    Moved& moved = bytes[program.tensors[static_cast<std::size_t>(c.a)].name];
    (c.op == Opcode::kLoad ? moved.loaded : moved.stored) += c.dma_bytes();
  }
  return bytes;
}

std::int64_t forward_macs(const Program& program) {
  std::int64_t sum = 0;
  for (const Command& c : program.commands)
    if (c.op == Opcode::kGemm && c.phase == Phase::kForward) sum += c.macs();
  return sum;
}

TEST(Forward, IsTheStepsForwardPhaseLessWinners) {
  for (const char* network : {"tiny-cnn", "fashion-cnn", "resnet-20", "vgg-small"}) {
    for (const char* recipe : kRecipes) {
      SCOPED_TRACE(std::string(network) + " " + recipe);
      const Program step = program_of(network, recipe, Scope::kStep);
      const Program forward = program_of(network, recipe, Scope::kForward);
      auto expected = forward_bytes(step);
      for (const Tensor& t : step.tensors) {
        if (t.kind != TensorKind::kPoolIndex) continue;
        EXPECT_EQ(expected.erase(t.name), 1U);
      }
      EXPECT_EQ(forward_bytes(forward), expected);
      EXPECT_EQ(forward_macs(forward), forward_macs(step));
      for (const Command& c : forward.commands) ASSERT_EQ(c.phase, Phase::kForward);
      for (const Tensor& t : forward.tensors) {
        const bool backward = t.kind == TensorKind::kMomentum || t.kind == TensorKind::kPoolIndex ||
                              t.kind == TensorKind::kLabel || t.kind >= TensorKind::kWideGradient;
        EXPECT_FALSE(backward) << t.name;
      }
    }
  }
}

// Every tensor in DRAM is given or stored once and whole; wide are the logits alone.
TEST(Inference, MovesEachTensorOnceToDram) {
  for (const char* network : {"tiny-cnn", "fashion-cnn", "resnet-20", "mobilenet-v1"}) {
    for (const char* recipe : kRecipes) {
      SCOPED_TRACE(std::string(network) + " " + recipe);
      const Program program = program_of(network, recipe, Scope::kInference, 2);
      EXPECT_EQ(forward_macs(program), forward_macs(program_of(network, recipe, Scope::kStep, 2)));
      auto bytes = forward_bytes(program);
      int wide = 0;
      for (const Tensor& t : program.tensors) {
        if (t.address < 0) continue;
        const bool given = t.kind == TensorKind::kImage || t.kind == TensorKind::kWeight ||
                           t.kind == TensorKind::kMaster;
        const bool logits = t.kind == TensorKind::kWideActivation;
        wide += logits ? 1 : 0;
        EXPECT_EQ(bytes[t.name].stored, given ? 0 : t.bytes()) << t.name;
        if (logits) {
          EXPECT_EQ(bytes[t.name].loaded, 0) << t.name;
        } else {
          EXPECT_GE(bytes[t.name].loaded, t.bytes()) << t.name;
        }
      }
      EXPECT_EQ(wide, 1);
      for (const Command& c : program.commands) {
        EXPECT_NE(c.op, Opcode::kRbnStats);
        EXPECT_NE(c.op, Opcode::kScalarRbn);
        EXPECT_NE(c.op, Opcode::kQuantiseWeight);
        if (c.op == Opcode::kRange) {  // integers bring an addition's inputs to one scale
          EXPECT_FALSE(program.float32);
          EXPECT_EQ(program.layers[static_cast<std::size_t>(c.layer)].op, "add");
        }
      }
    }
  }
}

// A block's norms and its addition are done as its products drain.
TEST(Inference, FloatsStoreOneTensorAProduct) {
  const Program program = program_of("resnet-20", "float32", Scope::kInference);
  const auto op = [&](const Tensor& t) {
    return program.layers[static_cast<std::size_t>(t.node)].op;
  };
  std::map<std::string, int> stored;
  for (const Tensor& t : program.tensors)
    if (t.kind == TensorKind::kActivation && t.address >= 0) ++stored[op(t)];
  EXPECT_EQ(stored["conv"], 0);
  // The first, the first of each of nine blocks, and where a shortcut without product comes after.
  EXPECT_EQ(stored["norm"], 10 + 2);
  EXPECT_EQ(stored["add"], 9);
}

// Codes by hand: 8x8x1 images, conv 1x1 to 4 channels, norm, ReLU, fc to 3 classes, two images.
TEST(Inference, BytesByHand) {
  const std::string path = octet::testing::scratch_file("inference_by_hand.yaml");
  std::ofstream(path)
      << "name: hand\ndescription: made for a test\ndataset: {kind: idx, path: none, hint: none, "
         "mean: 0.3, deviation: 0.3}\nclasses: 3\ntraining: {schedule: one-cycle, peak_rate: 0.05, "
         "warmup: 0.2, momentum: 0.9, nesterov: true, weight_decay: 1e-4, epochs: 1, batch: 32}\n"
         "input: {height: 8, width: 8, channels: 1}\nlayers:\n"
         "  - {name: conv, op: conv, out: 4, kernel: 1}\n  - {name: norm, op: norm}\n"
         "  - {name: relu, op: relu}\n  - {name: fc, op: fc, out: 3}\n";
  const auto network = workloads::read_network(path);
  for (const bool floats : {false, true}) {
    const Program program =
        lower(network, model::find_recipe(floats ? "float32" : "int8"), find_hardware("base"), 2,
              false, MappingStrategy::kSearch, Scope::kInference);
    const std::int64_t value = floats ? 4 : 1;
    std::map<std::string, Moved> expected{{"input.codes", {2 * 64 * value, 0}},
                                          {"conv.weight_codes", {4 * value, 0}},
                                          {"norm.gain_and_offset", {2 * 4 * 4, 0}},
                                          {"norm.codes", {2 * 64 * 4 * value, 2 * 64 * 4 * value}},
                                          {"fc.weight_codes", {64 * 4 * 3 * value, 0}},
                                          {"fc.wide", {0, 2 * 3 * 4}}};
    if (network.nodes[4].bias) expected["fc.bias"] = {3 * 4, 0};
    EXPECT_EQ(forward_bytes(program), expected) << program.float32;
  }
}

TEST(Forward, CostsLessThanTheStepAndInferenceLessThanThat) {
  for (const char* recipe : kRecipes) {
    SCOPED_TRACE(recipe);
    const auto network = workloads::find_network("resnet-20");
    const Hardware hardware = find_hardware("base");
    const auto step = [&](Scope scope) {
      return estimate_step(network, model::find_recipe(recipe), hardware, 8, scope);
    };
    const StepEstimate whole = step(Scope::kStep), forward = step(Scope::kForward),
                       inference = step(Scope::kInference);
    EXPECT_LT(forward.stats.cycles, whole.stats.cycles);
    EXPECT_LT(inference.stats.cycles, forward.stats.cycles);
    EXPECT_LT(inference.stats.total().dram_bytes, forward.stats.total().dram_bytes);
    EXPECT_LT(inference.joules(), forward.joules());
    EXPECT_EQ(to_json(inference)["scope"], "inference");
    EXPECT_EQ(to_json(inference)["peak"]["macs_per_second"].size(), 1U);
    EXPECT_FALSE(to_json(whole).contains("scope"));
  }
}

TEST(Forward, TextRoundTrip) {
  for (const Scope scope : {Scope::kForward, Scope::kInference}) {
    const Program program = program_of("tiny-cnn", "int8", scope);
    const Program again = parse_program(print_program(program));
    EXPECT_EQ(again, program);
    EXPECT_EQ(again.scope, scope);
  }
  octet::testing::expect_error_with(
      [] { (void)parse_program("program a b 1 integer backward\n", "p.txt"); },
      {"p.txt:1", "scope", "backward"});
}

TEST(Forward, IsNotATrainingStepToExecute) {
  const auto network = workloads::find_network("tiny-cnn");
  const Program program = program_of("tiny-cnn", "int8", Scope::kForward, 1);
  model::TrainingState state = model::initial_state(network, 1);
  const std::vector<std::uint8_t> image(784);
  const std::vector<std::uint16_t> label(1);
  octet::testing::expect_error_with(
      [&] { (void)execute(program, network, model::find_recipe("int8"), state, image, label, {}); },
      {"scope", "forward", "training_step"});
}

}  // namespace
}  // namespace octet::sim
