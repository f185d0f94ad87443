// What a lowered shortcut moves.
#include <array>
#include <set>

#include "sim/program/lower.hpp"
#include "tests/common/temp_dir.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

// A shortcut is a movement: its traffic is known without running it.
TEST(Shortcut, MovesWhatItKeeps) {
  const auto network = workloads::find_network("resnet-20");
  const std::int64_t batch = 8;
  const Program program =
      lower(network, model::find_recipe("int8"), find_hardware("edge"), static_cast<int>(batch));
  for (const workloads::Node& node : network.nodes) {
    if (node.op != workloads::Op::kShortcut) continue;
    SCOPED_TRACE(node.name);
    std::array<std::int64_t, kPhases> loaded{}, stored{};
    for (const Command& c : program.commands) {
      if (c.layer != node.id) continue;
      const auto phase = static_cast<std::size_t>(c.phase);
      if (c.op == Opcode::kLoad) loaded[phase] += c.dma_bytes();
      if (c.op == Opcode::kStore) stored[phase] += c.dma_bytes();
    }
    const auto forward = static_cast<std::size_t>(Phase::kForward);
    const auto backward = static_cast<std::size_t>(Phase::kDataGradient);
    EXPECT_EQ(loaded[forward], batch * node.in.elements() / 2);  // every second row
    EXPECT_EQ(stored[forward], batch * node.out.elements());
    EXPECT_EQ(loaded[backward], 4 * batch * node.out.elements() / 2);  // every second channel
    EXPECT_EQ(stored[backward], 4 * batch * node.in.elements());
  }
}

using Elements = std::set<std::int64_t>;

Elements loaded_by(const Program& program, const Command& c) {
  Elements elements;
  for (const std::int32_t id : c.deps) {
    const Command& load = program.commands[static_cast<std::size_t>(id)];
    if (load.op != Opcode::kLoad || load.a != c.a) continue;
    const std::int64_t bytes = program.tensors[static_cast<std::size_t>(c.a)].element_bytes;
    for (std::int64_t run = 0; run < load.runs; ++run)
      for (std::int64_t i = 0; i < load.run_bytes / bytes; ++i)
        elements.insert((load.offset + run * load.stride) / bytes + i);
  }
  return elements;
}

// Calls pair(input element, output element) for what a shortcut keeps.
template <class Pair>
void for_each_kept(const workloads::Node& n, std::int64_t batch, const Pair& pair) {
  for (std::int64_t image = 0; image < batch; ++image)
    for (std::int64_t y = 0; y < n.out.height; ++y)
      for (std::int64_t x = 0; x < n.out.width; ++x)
        for (std::int64_t c = 0; c < n.in.channels; ++c) {
          const std::int64_t row = image * n.in.height + y * n.window.stride_h;
          const std::int64_t to = (image * n.out.height + y) * n.out.width + x;
          pair((row * n.in.width + x * n.window.stride_w) * n.in.channels + c,
               to * n.out.channels + (n.out.channels - n.in.channels) / 2 + c);
        }
}

// Each command finds in the scratchpad what it reads, and all of them together make the whole
// tensor, whatever the tile: strides that leave a rest of the image, several images to a tile, a
// row to a tile.
TEST(Shortcut, EveryTileLoadsWhatItReads) {
  const int batch = 4;
  for (const char* sizes :
       {"height: 10, width: 7, channels: 4", "height: 9, width: 8, channels: 3"})
    for (const char* stride : {"1", "2", "[2, 3]", "[3, 1]"}) {
      SCOPED_TRACE(std::string(sizes) + ", stride " + stride);
      const std::string path = octet::testing::scratch_file("one_shortcut.yaml");
      std::ofstream(path) << "name: one\ndescription: one shortcut\ndataset: {kind: idx, path: p, "
                             "mean: 0.5, deviation: 0.5}\ninput: {"
                          << sizes
                          << "}\nclasses: 3\ntraining: {}\nlayers:\n"
                             "  - {op: conv, out: 4, kernel: 1}\n"
                             "  - {op: shortcut, out: 9, stride: "
                          << stride << "}\n  - {op: fc, out: 3}\n";
      const auto network = workloads::read_network(path);
      const workloads::Node& n = network.nodes[2];
      for (const long bytes : {480L, 1600L, 65536L}) {
        HardwareText text;
        text.rows = text.cols = 2;
        text.accumulator = bytes;
        const Program program =
            lower(network, model::find_recipe("int8"), text.read(), batch, true);
        Elements made, made_back;
        for (const Command& c : program.commands) {
          if (c.layer != n.id) continue;
          const bool forward = c.op == Opcode::kShortcut;
          if (!forward && c.op != Opcode::kShortcutGrad) continue;
          Elements& all = forward ? made : made_back;
          Elements own;
          for (std::int64_t i = c.first; i < c.first + c.count; ++i) own.insert(i);
          const std::size_t before = all.size();
          all.insert(own.begin(), own.end());
          EXPECT_EQ(all.size(), before + own.size()) << "an element made twice";
          const Elements loaded = loaded_by(program, c);
          std::int64_t reads = 0;
          for_each_kept(n, batch, [&](std::int64_t in, std::int64_t out) {
            if (own.count(forward ? out : in) == 0) return;
            ++reads;
            ASSERT_EQ(loaded.count(forward ? in : out), 1U) << in << " and " << out;
          });
          EXPECT_EQ(c.m, reads);
        }
        EXPECT_EQ(made.size(), static_cast<std::size_t>(batch * n.out.elements()));
        EXPECT_EQ(made_back.size(), static_cast<std::size_t>(batch * n.in.elements()));
      }
    }
}

}  // namespace
}  // namespace octet::sim
