#pragma once
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "model/trainer/engine.hpp"
#include "sim/config/hardware.hpp"
#include "sim/program/program.hpp"
#include "tests/common/temp_dir.hpp"

namespace octet::sim {

// A machine's text for the tests; each size may be changed.
struct HardwareText {
  int rows = 8, cols = 8;
  std::string datapath = "native";
  std::string dataflow = "auto";
  bool fold_overlap = false;
  long activation = 65536, weight = 32768, accumulator = 65536;
  int banks = 4, width = 16;
  std::string kind = "DDR4-2400";
  int channels = 1;
  std::string extra;
  [[nodiscard]] std::string text() const {
    const auto pad = [&](long bytes) {
      return "{bytes: " + std::to_string(bytes) + ", banks: " + std::to_string(banks) +
             ", width_bytes: " + std::to_string(width) + "}\n";
    };
    return "name: test\nclock_hz: 500000000\narray: {rows: " + std::to_string(rows) +
           ", cols: " + std::to_string(cols) + ", gradient_datapath: " + datapath +
           ", dataflow: " + dataflow + ", fold_overlap: " + (fold_overlap ? "true" : "false") +
           "}\nscratchpads:\n  activation: " + pad(activation) + "  weight: " + pad(weight) +
           "  accumulator: " + pad(accumulator) + "dram: {kind: " + kind +
           ", channels: " + std::to_string(channels) +
           "}\nvector: {lanes: 8}\nrange_bn: {lanes: 8, divider_cycles: 34}\n"
           "update: {lanes: 4}\ntechnology: 45nm\n" +
           extra;
  }
  [[nodiscard]] std::string write() const {
    const std::string path = octet::testing::scratch_file(
        std::string("hardware_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() +
        ".yaml");
    std::ofstream(path) << text();
    return path;
  }
  [[nodiscard]] Hardware read() const { return read_hardware(write()); }
};

inline std::vector<std::uint8_t> random_bytes(std::size_t count, int below, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<std::uint8_t> bytes(count);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(generator() % below);
  return bytes;
}

inline std::vector<std::uint16_t> random_labels(std::size_t count, int classes, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<std::uint16_t> labels(count);
  for (auto& label : labels) label = static_cast<std::uint16_t>(generator() % classes);
  return labels;
}

inline void expect_same_state(const model::TrainingState& a, const model::TrainingState& b) {
  ASSERT_EQ(a.nodes.size(), b.nodes.size());
  EXPECT_EQ(a.step, b.step);
  for (std::size_t i = 0; i < a.nodes.size(); ++i) {
    SCOPED_TRACE("node " + std::to_string(i));
    EXPECT_EQ(a.nodes[i].weight, b.nodes[i].weight);
    EXPECT_EQ(a.nodes[i].weight_velocity, b.nodes[i].weight_velocity);
    EXPECT_EQ(a.nodes[i].bias, b.nodes[i].bias);
    EXPECT_EQ(a.nodes[i].bias_velocity, b.nodes[i].bias_velocity);
    EXPECT_EQ(a.nodes[i].running_mean, b.nodes[i].running_mean);
    EXPECT_EQ(a.nodes[i].running_spread, b.nodes[i].running_spread);
    EXPECT_EQ(a.nodes[i].running_output, b.nodes[i].running_output);
    EXPECT_EQ(a.nodes[i].delayed_output, b.nodes[i].delayed_output);
    EXPECT_EQ(a.nodes[i].delayed_gradient, b.nodes[i].delayed_gradient);
  }
  EXPECT_EQ(model::state_hash(a), model::state_hash(b));
}

// The layer that docs/timing.md works out by hand.
inline Program layer_by_hand() {
  return parse_program(
      "program hand test 20 integer\nlayer fc fc\n"
      "tensor x activation 0 600 1 30 0\n"
      "tensor w weight 0 300 1 10 640\n"
      "tensor y wide_activation 0 200 4 10 960\n"
      "do load 0 forward a=0 run_bytes=600 runs=1\n"
      "do load 0 forward a=1 run_bytes=300 runs=1 pad=1\n"
      "do gemm 0 forward a=0 b=1 out=2 m=20 n=10 k=30 g=1 rows=20 cols=10 depth=30 deps=0,1\n"
      "do store 0 forward a=2 run_bytes=800 runs=1 pad=2 deps=2\n");
}

}  // namespace octet::sim
