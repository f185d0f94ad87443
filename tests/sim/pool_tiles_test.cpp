// Pools and shortcuts whose windows leave rows unread: tiles still fit, with all that they load.
#include <array>

#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/random_machine.hpp"

namespace octet::sim {
namespace {

// One of them between a convolution and the classes, its stride mostly longer than its kernel.
workloads::Network random_network(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<long> values) {
    return std::to_string(*(values.begin() + random() % values.size()));
  };
  const std::string channels = pick({3, 8, 16});
  const std::string stride = pick({2, 3, 5, 7, 16});
  const std::string kernel = pick({1, 2});
  const std::string layer =
      std::array{"max_pool, kernel: " + kernel, "avg_pool, kernel: " + kernel,
                 "shortcut, out: " + std::to_string(std::stol(channels) + 2)}[random() % 3];
  const std::string path = octet::testing::scratch_file("one_pool.yaml");
  std::ofstream(path) << "name: one\ndescription: made for a test\n"
                         "dataset: {kind: idx, path: p, mean: 0.5, deviation: 0.5}\n"
                         "input: {height: "
                      << pick({9, 17, 20, 32}) << ", width: " << pick({16, 19, 32})
                      << ", channels: 1}\nclasses: 3\ntraining: {}\nlayers:\n"
                         "  - {op: conv, out: "
                      << channels << ", kernel: 1}\n  - {op: " << layer << ", stride: " << stride
                      << "}\n  - {op: fc, out: 3}\n";
  return workloads::read_network(path);
}

TEST(PoolTiles, FitWhateverRowsAreLeftOut) {
  std::mt19937 random(seed_of_test());
  for (int round = 0; round < 60; ++round) {
    const auto network = random_network(random);
    const Hardware hw = random_machine(random).read();
    const int batch = 1 + static_cast<int>(random() % 64);
    SCOPED_TRACE("round " + std::to_string(round) + ", seed " + std::to_string(seed_of_test()));
    const Program program = lower(network, model::find_recipe("int8"), hw, batch);
    const std::array<std::int64_t, kPads> bytes{hw.activation.bytes, hw.weight.bytes,
                                                hw.accumulator.bytes};
    for (const Command& c : program.commands) {
      if (c.op == Opcode::kLoad || c.op == Opcode::kStore) {
        ASSERT_LE(c.dma_bytes(), bytes[static_cast<std::size_t>(c.pad)] / 2);
      }
    }
    const StepStats stats = run_machine(program, hw).stats;
    for (std::size_t p = 0; p < kPads; ++p) ASSERT_LE(stats.pads[p].peak_bytes, bytes[p]) << p;
  }
}

// Of an average over the whole image, tiles of some rows each add to their own rows alone.
TEST(PoolTiles, GradientsOfAnAverageTakeNoMoreWorkInMoreTiles) {
  const std::string path = octet::testing::scratch_file("mean.yaml");
  std::ofstream(path) << "name: mean\ndescription: made for a test\n"
                         "dataset: {kind: idx, path: p, mean: 0.5, deviation: 0.5}\n"
                         "input: {height: 28, width: 28, channels: 1}\nclasses: 3\ntraining: {}\n"
                         "layers:\n  - {op: conv, out: 48, kernel: 1}\n  - {op: avg_pool}\n"
                         "  - {op: fc, out: 3}\n";
  const auto network = workloads::read_network(path);
  std::array<std::int64_t, 2> tiles{};
  std::size_t machine = 0;
  for (const std::int64_t bytes : {1 << 14, 1 << 22}) {
    Hardware hw = find_hardware("edge");
    hw.accumulator.bytes = bytes;
    std::int64_t additions = 0;
    for (const Command& c : lower(network, model::find_recipe("int8"), hw, 4).commands) {
      if (c.op != Opcode::kAvgPoolGrad) continue;
      additions += c.k;
      ++tiles[machine];
    }
    EXPECT_EQ(additions, 4 * 28 * 28 * 48);
    ++machine;
  }
  EXPECT_GT(tiles[0], tiles[1]);
}

}  // namespace
}  // namespace octet::sim
