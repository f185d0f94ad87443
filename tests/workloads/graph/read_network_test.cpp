#include <gtest/gtest.h>

#include "tests/workloads/graph/network_text.hpp"

namespace octet::workloads {
namespace {

using octet::testing::network_text;
using octet::testing::node;
using octet::testing::read_text;
using octet::testing::TempDir;

constexpr const char* kFc = "  - {name: last, op: fc, out: 10}\n";

Network read_layers_text(const std::string& layers, const std::string& input = "[4, 6, 2]") {
  const TempDir dir;
  return read_text(dir, network_text(layers, input));
}

TEST(ReadNetwork, ReadsTheHead) {
  const TempDir dir;
  const Network network = read_text(dir, network_text(kFc));
  EXPECT_EQ(network.name, "test");
  EXPECT_EQ(network.description, "d");
  EXPECT_EQ(network.file, dir.file("net.yaml"));
  EXPECT_EQ(network.classes, 10);
  EXPECT_EQ(network.dataset.kind, "idx");
  EXPECT_EQ(network.dataset.path, "/p");
  EXPECT_EQ(network.dataset.hint, "");
  EXPECT_EQ(network.dataset.mean, 0.5F);
  EXPECT_EQ(network.dataset.deviation, 0.25F);
}

TEST(ReadNetwork, InputAndLossCloseTheChain) {
  const Network network = read_layers_text(kFc);
  ASSERT_EQ(network.nodes.size(), 3U);
  EXPECT_EQ(network.input().op, Op::kInput);
  EXPECT_EQ(network.input().out, (Shape{4, 6, 2}));
  EXPECT_EQ(network.input().consumers, std::vector<int>({1}));
  EXPECT_EQ(network.loss().op, Op::kSoftmaxCrossEntropy);
  EXPECT_EQ(network.loss().name, "loss");
  EXPECT_EQ(network.loss().inputs, std::vector<int>({1}));
  EXPECT_EQ(network.loss().in, (Shape{1, 1, 10}));
  EXPECT_EQ(network.loss().out, (Shape{1, 1, 10}));
  EXPECT_TRUE(network.loss().consumers.empty());
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(network.nodes[i].id, static_cast<int>(i));
  EXPECT_EQ(network.macs(), 4 * 6 * 2 * 10);
}

TEST(ReadNetwork, ConvolutionWindowAndShape) {
  const Network network = read_layers_text(
      "  - {name: c, op: conv, out: 6, kernel: [3, 2], stride: [2, 1], pad: [1, 3],"
      " dilation: [1, 4], groups: 2}\n" +
          std::string(kFc),
      "[7, 9, 4]");
  const Node& conv = node(network, "c");
  EXPECT_EQ(conv.window.kernel_h, 3);
  EXPECT_EQ(conv.window.kernel_w, 2);
  EXPECT_EQ(conv.window.stride_h, 2);
  EXPECT_EQ(conv.window.stride_w, 1);
  EXPECT_EQ(conv.window.pad_h, 1);
  EXPECT_EQ(conv.window.pad_w, 3);
  EXPECT_EQ(conv.window.dilation_h, 1);
  EXPECT_EQ(conv.window.dilation_w, 4);
  EXPECT_EQ(conv.window.groups, 2);
  EXPECT_EQ(conv.in, (Shape{7, 9, 4}));
  EXPECT_EQ(conv.out, (Shape{(7 + 2 - 3) / 2 + 1, 9 + 6 - 5 + 1, 6}));
  EXPECT_EQ(conv.weights(), 3 * 2 * 2 * 6);
}

TEST(ReadNetwork, WindowThatJustFitsAndStrideThatLeavesARest) {
  const Network network =
      read_layers_text("  - {name: c, op: conv, out: 1, kernel: [6, 3], pad: [1, 0], stride: 2}\n" +
                       std::string(kFc));
  EXPECT_EQ(node(network, "c").out, (Shape{1, 2, 1}));  // (6 - 3) / 2 + 1, rounded down
}

TEST(ReadNetwork, ShortcutKeepsEveryStridethPixel) {
  const Network network = read_layers_text(
      "  - {name: s, op: shortcut, out: 5, stride: [3, 2]}\n"
      "  - {name: t, op: shortcut}\n" +
          std::string(kFc),
      "[7, 9, 2]");
  EXPECT_EQ(node(network, "s").out, (Shape{3, 5, 5}));  // rounded up: pixels 0, 3, 6
  EXPECT_EQ(node(network, "s").window.stride_h, 3);
  EXPECT_EQ(node(network, "s").window.stride_w, 2);
  EXPECT_EQ(node(network, "s").window.kernel_h, 1);
  EXPECT_EQ(node(network, "t").out, (Shape{3, 5, 5}));  // nothing left out, nothing added
}

TEST(ReadNetwork, Augmentation) {
  const TempDir dir;
  std::string text = network_text(kFc);
  EXPECT_EQ(read_text(dir, text).dataset.augment, Augment::kNone);
  EXPECT_EQ(read_text(dir, text).dataset.pad, 0);
  text.replace(text.find("kind: idx"), 9, "kind: cifar10, augment: crop_flip, pad: 4");
  const Network network = read_text(dir, text);
  EXPECT_EQ(network.dataset.kind, "cifar10");
  EXPECT_EQ(network.dataset.augment, Augment::kCropFlip);
  EXPECT_EQ(network.dataset.pad, 4);
}

TEST(ReadNetwork, PoolsStrideByTheirKernel) {
  const Network network = read_layers_text(
      "  - {name: m, op: max_pool, kernel: [2, 3]}\n"
      "  - {name: a, op: avg_pool, kernel: 2, stride: 1, pad: 1}\n" +
      std::string(kFc));
  EXPECT_EQ(node(network, "m").out, (Shape{2, 2, 2}));
  EXPECT_EQ(node(network, "m").window.stride_w, 3);
  EXPECT_EQ(node(network, "a").out, (Shape{3, 3, 2}));
}

TEST(ReadNetwork, AvgPoolWithoutKernelIsGlobal) {
  const Network network = read_layers_text("  - {name: a, op: avg_pool}\n" + std::string(kFc));
  const Node& pool = node(network, "a");
  EXPECT_EQ(pool.window.kernel_h, 4);
  EXPECT_EQ(pool.window.kernel_w, 6);
  EXPECT_EQ(pool.out, (Shape{1, 1, 2}));
}

TEST(ReadNetwork, BranchesFillInputsAndConsumers) {
  const Network network = read_layers_text(
      "  - {name: a, op: relu}\n  - {name: b, op: norm}\n"
      "  - {name: c, op: add, from: [a, b]}\n" +
      std::string(kFc));
  EXPECT_EQ(node(network, "a").consumers, std::vector<int>({2, 3}));
  EXPECT_EQ(node(network, "b").inputs, std::vector<int>({1}));
  EXPECT_EQ(node(network, "c").inputs, std::vector<int>({1, 2}));
  EXPECT_EQ(node(network, "c").out, (Shape{4, 6, 2}));
}

TEST(ReadNetwork, LayersMayReadTheInputAgain) {
  const Network network = read_layers_text(
      "  - {name: a, op: relu}\n  - {name: b, op: norm, from: input}\n"
      "  - {name: c, op: add, from: [b, a]}\n" +
      std::string(kFc));
  EXPECT_EQ(network.input().consumers, std::vector<int>({1, 2}));
  EXPECT_EQ(node(network, "c").inputs, std::vector<int>({2, 1}));  // in the order of the file
}

TEST(ReadNetwork, NamesDefaultToOpAndIndex) {
  const Network network =
      read_layers_text("  - {op: relu}\n  - {op: max_pool, kernel: 1}\n  - {op: fc, out: 10}\n");
  EXPECT_EQ(network.nodes[1].name, "relu1");
  EXPECT_EQ(network.nodes[2].name, "max_pool2");
  EXPECT_EQ(network.nodes[3].name, "fc3");
}

TEST(ReadNetwork, BiasFollowsTheNextLayerUnlessGiven) {
  const Network network = read_layers_text(
      "  - {name: before_norm, op: conv, out: 2, kernel: 1}\n  - {op: norm}\n"
      "  - {name: before_relu, op: conv, out: 2, kernel: 1}\n  - {op: relu}\n"
      "  - {name: on, op: conv, out: 2, kernel: 1, bias: true}\n  - {name: n, op: norm}\n"
      "  - {name: both, op: conv, out: 2, kernel: 1}\n  - {name: n2, op: norm}\n"
      "  - {op: add, from: [both, n2]}\n"
      "  - {name: off, op: conv, out: 2, kernel: 1, bias: false}\n"
      "  - {name: fc_off, op: fc, out: 10, bias: false}\n" +
      std::string(kFc));
  EXPECT_FALSE(node(network, "before_norm").bias);
  EXPECT_TRUE(node(network, "before_relu").bias);
  EXPECT_TRUE(node(network, "on").bias);
  EXPECT_TRUE(node(network, "both").bias) << "the addition sees the bias";
  EXPECT_FALSE(node(network, "off").bias);
  EXPECT_FALSE(node(network, "fc_off").bias);
  EXPECT_TRUE(node(network, "last").bias);
}

TEST(ReadNetwork, ClassifierMayBeAConvolution) {
  const Network network = read_layers_text("  - {op: conv, out: 5, kernel: [4, 5]}\n", "[4, 6, 2]");
  EXPECT_EQ(network.loss().in, (Shape{1, 2, 5}));
}

TEST(ReadNetwork, ReadsTheTraining) {
  const TempDir dir;
  const auto read = [&dir](const std::string& training) {
    return read_text(dir, network_text(kFc, "[4, 6, 2]", "10", training)).schedule;
  };
  const Schedule usual = read("{}");
  EXPECT_EQ(usual.kind, "one-cycle");
  EXPECT_EQ(usual.peak_rate, 0.05F);
  EXPECT_EQ(usual.warmup, 0.2F);
  EXPECT_EQ(usual.momentum, 0.9F);
  EXPECT_TRUE(usual.nesterov);
  EXPECT_EQ(usual.weight_decay, 1e-4F);
  EXPECT_EQ(usual.epochs, 5);
  EXPECT_EQ(usual.batch, 128);
  const Schedule step = read(
      "{schedule: step, peak_rate: 0.1, momentum: 0, nesterov: false, weight_decay: 0.5,"
      " milestones: [3, 7], epochs: 9, batch: 1}");
  EXPECT_EQ(step.kind, "step");
  EXPECT_EQ(step.peak_rate, 0.1F);
  EXPECT_EQ(step.momentum, 0.0F);
  EXPECT_FALSE(step.nesterov);
  EXPECT_EQ(step.weight_decay, 0.5F);
  EXPECT_EQ(step.milestones, std::vector<int>({3, 7}));
  EXPECT_EQ(step.epochs, 9);
  EXPECT_EQ(step.batch, 1);
  EXPECT_EQ(read("{schedule: cosine}").warmup, 0.0F);
  EXPECT_EQ(read("{schedule: cosine, warmup: 0.5}").warmup, 0.5F);
  EXPECT_EQ(read("{schedule: constant}").kind, "constant");
}

}  // namespace
}  // namespace octet::workloads
