#include "sim/program/program.hpp"

#include <algorithm>
#include <map>

#include "common/error.hpp"
#include "sim/program/lower.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

TEST(Program, TextRoundTrip) {
  for (const char* recipe : {"int8", "int8-delayed"}) {
    const Program program = lower(workloads::find_network("tiny-cnn"), model::find_recipe(recipe),
                                  find_hardware("edge"), 8);
    const std::string text = print_program(program);
    const Program again = parse_program(text);
    EXPECT_EQ(again, program);
    EXPECT_EQ(print_program(again), text);
  }
}

TEST(Program, ErrorsNameTheLine) {
  for (const char* text :
       {"program a b 1 integer\nfly 3\n", "program a b 1 integer\ndo jump 0 forward\n",
        "program a b 1 integer\ndo gemm 0 forward speed=3\n",
        "program a b 1 integer\ndo gemm 0 forward m=x\n", "program a b 1 integer\ndo\n",
        "program a b 1 integer\ntensor t activation 0 5\n"}) {
    try {
      (void)parse_program(text, "p.txt");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find("p.txt:2"), std::string::npos) << error.what();
    }
  }
}

// Multiply-accumulates of a layer and phase.
std::int64_t macs(const Program& program, int layer, Phase phase) {
  std::int64_t sum = 0;
  for (const Command& c : program.commands) {
    if (c.op == Opcode::kGemm && c.layer == layer && c.phase == phase) sum += c.macs();
  }
  return sum;
}

TEST(Program, ConservesMultiplyAccumulates) {
  const int batch = 8;
  for (const char* name : {"fashion-cnn", "tiny-cnn"}) {
    const auto network = workloads::find_network(name);
    HardwareText text;
    text.weight = 4096;
    for (const Hardware& hw : {text.read(), find_hardware("edge"), find_hardware("server")}) {
      const Program program = lower(network, model::find_recipe("int8"), hw, batch);
      for (const workloads::Node& node : network.nodes) {
        const std::int64_t want = node.macs() * batch;
        EXPECT_EQ(macs(program, node.id, Phase::kForward), want) << node.name;
        EXPECT_EQ(macs(program, node.id, Phase::kWeightGradient), want) << node.name;
        const bool first =
            node.weights() > 0 && network.nodes[node.inputs[0]].op == workloads::Op::kInput;
        const std::int64_t down = macs(program, node.id, Phase::kDataGradient);
        if (first || node.weights() == 0) {
          EXPECT_EQ(down, 0) << node.name;
        } else if (node.window.stride_h == 1) {  // "same" padding: as many as forward
          EXPECT_EQ(down, want) << node.name;
        } else {
          // conv3 of tiny-cnn, 7x7 -> 4x4, 3x3 stride 2 pad 1: of the 7 rows the 4 even ones meet
          // one tap and the 3 odd ones two, so (4 + 6)^2 taps against (4 x 3)^2 forward.
          EXPECT_EQ(down * 144, want * 100) << node.name;
        }
      }
    }
  }
}

// Forward and weight gradient of every network that comes with Octet; a small batch on the machine
// whose scratchpads hold a tile of any of them.
TEST(Program, LowersEveryNetwork) {
  const Hardware hw = find_hardware("server");
  const int batch = 2;
  for (const workloads::NetworkEntry& entry : workloads::list_networks()) {
    SCOPED_TRACE(entry.name);
    const auto network = workloads::find_network(entry.name);
    for (const char* recipe : {"int8", "int8-delayed", "float32"}) {
      const Program program = lower(network, model::find_recipe(recipe), hw, batch);
      std::int64_t forward = 0;
      std::int64_t weights = 0;
      for (const Command& c : program.commands) {
        if (c.op != Opcode::kGemm) continue;
        forward += c.phase == Phase::kForward ? c.macs() : 0;
        weights += c.phase == Phase::kWeightGradient ? c.macs() : 0;
      }
      EXPECT_EQ(forward, network.macs() * batch);
      EXPECT_EQ(weights, network.macs() * batch);
    }
  }
}

TEST(Program, EveryStoredTensorIsWhole) {
  const Program program = lower(workloads::find_network("fashion-cnn"), model::find_recipe("int8"),
                                find_hardware("edge"), 4);
  std::vector<std::int64_t> stored(program.tensors.size());
  std::vector<std::int64_t> loaded(program.tensors.size());
  for (const Command& c : program.commands) {
    if (c.op == Opcode::kStore) stored[c.a] += c.dma_bytes();
    if (c.op == Opcode::kLoad) loaded[c.a] += c.dma_bytes();
  }
  for (std::size_t t = 0; t < stored.size(); ++t) {
    const Tensor& tensor = program.tensors[t];
    if (tensor.address < 0) {
      EXPECT_EQ(stored[t] + loaded[t], 0) << tensor.name;
      continue;
    }
    const bool given = tensor.kind == TensorKind::kImage || tensor.kind == TensorKind::kLabel;
    EXPECT_EQ(stored[t], given ? 0 : tensor.bytes()) << tensor.name;
    EXPECT_GE(loaded[t], tensor.bytes()) << tensor.name;
  }
}

TEST(Program, CurrentRangesSpillWideDataAndDelayedDoNot) {
  const auto network = workloads::find_network("fashion-cnn");
  const auto hw = find_hardware("edge");
  const auto wide_bytes = [&](const char* recipe) {
    const Program program = lower(network, model::find_recipe(recipe), hw, 4);
    std::int64_t bytes = 0;
    for (const Command& c : program.commands) {
      if (c.op != Opcode::kLoad && c.op != Opcode::kStore) continue;
      if (program.tensors[c.a].kind == TensorKind::kWideActivation) bytes += c.dma_bytes();
    }
    return bytes;
  };
  // conv1 28x28x32, conv2 14x14x64 and fc1 512, written and read; logits of 10 likewise.
  const std::int64_t logits = 2 * 4 * 4 * 10;
  EXPECT_EQ(wide_bytes("int8"), 2 * 4 * 4 * (28 * 28 * 32 + 14 * 14 * 64 + 512) + logits);
  EXPECT_EQ(wide_bytes("int8-delayed"), logits);
}

TEST(Program, NoTileExceedsHalfAScratchpad) {
  HardwareText text;
  text.activation = 10000;
  text.weight = 6000;
  text.accumulator = 20000;
  const Hardware hw = text.read();
  const std::int64_t halves[] = {5000, 3000, 10000};
  for (const char* recipe : {"int8", "int8-delayed"}) {
    const Program program =
        lower(workloads::find_network("fashion-cnn"), model::find_recipe(recipe), hw, 4);
    for (const Command& c : program.commands) {
      if (c.op == Opcode::kLoad || c.op == Opcode::kStore) {
        EXPECT_LE(c.dma_bytes(), halves[c.pad]);
      } else if (c.op == Opcode::kGemm) {
        const std::int64_t sum_bytes = c.phase == Phase::kWeightGradient ? 8 : 4;
        EXPECT_LE(c.rows * c.cols * c.g * sum_bytes, halves[2]);
      }
    }
  }
}

TEST(Program, TheMemoryHoldsEachTensorAndAllParameters) {
  const auto network = workloads::find_network("fashion-cnn");
  const auto recipe = model::find_recipe("int8");
  Hardware hw = find_hardware("base");  // 16 banks of one rank
  hw.dram.row_bytes = 64;
  const auto refused = [&](std::int64_t rows, const std::string& what) {
    hw.dram.rows = rows;
    testing::expect_error_with([&] { (void)lower(network, recipe, hw, 1); },
                               {hw.file + ": dram: found " + std::to_string(1024 * rows) + " bytes",
                                "expected at least ", what});
  };
  refused(2, "tensor conv1.weight");
  refused(6000, "parameters and their velocities");  // 3136 x 512 floats, twice, and more
  hw.dram.rows = 16384;
  EXPECT_GT(lower(network, recipe, hw, 1).commands.size(), 0U);
}

TEST(Program, DependenciesPointBack) {
  const Program program = lower(workloads::find_network("tiny-cnn"), model::find_recipe("int8"),
                                find_hardware("base"), 16);
  for (std::size_t i = 0; i < program.commands.size(); ++i) {
    for (const int d : program.commands[i].deps) EXPECT_LT(d, static_cast<int>(i));
  }
}

// In place, and yet a tile needs nothing that the tile before it stores: both halves of the
// scratchpad are in use.
TEST(Program, TilesOfAnUpdateDoNotWaitForEachOther) {
  const Program program = lower(workloads::find_network("fashion-cnn"), model::find_recipe("int8"),
                                find_hardware("edge"), 8);
  std::map<std::int64_t, int> stored;  // by tensor: the last store of it
  int tiles = 0;
  for (std::size_t i = 0; i < program.commands.size(); ++i) {
    const Command c = program.commands[i];
    if (c.phase != Phase::kUpdate) continue;
    if (c.op == Opcode::kStore) stored[c.a] = static_cast<int>(i);
    const auto before = stored.find(c.a);
    if (c.op != Opcode::kLoad || before == stored.end()) continue;
    ++tiles;
    EXPECT_EQ(std::count(c.deps.begin(), c.deps.end(), before->second), 0) << "command " << i;
  }
  EXPECT_GT(tiles, 10);
}

}  // namespace
}  // namespace octet::sim
