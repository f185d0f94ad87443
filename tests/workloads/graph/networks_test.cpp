// The networks that come with Octet have the sizes that their papers and their usual
// implementations have.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/workloads/graph/network_text.hpp"

namespace octet::workloads {
namespace {

using octet::testing::node;

// Weights, biases, and two a channel for each norm.
long parameters(const Network& network) {
  long sum = 0;
  for (const Node& each : network.nodes) {
    sum += each.weights() + (each.bias ? each.out.channels : 0);
    if (each.op == Op::kNorm) sum += 2L * each.out.channels;
  }
  return sum;
}

long count(const Network& network, Op op) {
  return std::count_if(network.nodes.begin(), network.nodes.end(),
                       [op](const Node& each) { return each.op == op; });
}

struct Sizes {
  const char* name;
  long parameters;
  long macs;
  int weighted;  // convolutions and fully connected layers, without projections
};

// He et al. (CVPR 2016), section 4.2: 6n + 2 layers. Stage by stage: the first convolution; 2n of
// 16 channels at 32x32; one of stride 2 and 2n - 1 at 16x16; the same at 8x8; the classifier.
Sizes cifar_resnet(const char* name, long n) {
  const long first = 27L * 16;
  const long fc = 640;
  const long s1 = 2 * n * 144 * 16;
  const long s2 = 144L * 32 + (2 * n - 1) * 288 * 32;
  const long s3 = 288L * 64 + (2 * n - 1) * 576 * 64;
  const long norms = 2 * (16 + 2 * n * (16 + 32 + 64));
  return {name, first + s1 + s2 + s3 + fc + 10 + norms,
          1024 * (first + s1) + 256 * s2 + 64 * s3 + fc, static_cast<int>(6 * n + 2)};
}

TEST(Networks, ResNetsForCifar) {
  for (const auto& [name, n] : {std::pair{"resnet-20", 3L}, {"resnet-32", 5L}, {"resnet-56", 9L}}) {
    SCOPED_TRACE(name);
    const Sizes want = cifar_resnet(name, n);
    const Network network = find_network(name);
    EXPECT_EQ(parameters(network), want.parameters);
    EXPECT_EQ(network.macs(), want.macs);
    EXPECT_EQ(count(network, Op::kConv) + count(network, Op::kFullyConnected), want.weighted);
    EXPECT_EQ(count(network, Op::kNorm), count(network, Op::kConv));
    EXPECT_EQ(count(network, Op::kAdd), 3 * n);
    EXPECT_EQ(count(network, Op::kShortcut), 2);
    EXPECT_EQ(node(network, "s1b1-relu2").out, (Shape{32, 32, 16}));
    EXPECT_EQ(node(network, "s2b1-shortcut").out, (Shape{16, 16, 32}));
    EXPECT_EQ(node(network, "s3b1-shortcut").out, (Shape{8, 8, 64}));
    EXPECT_EQ(node(network, "pool").out, (Shape{1, 1, 64}));
  }
  EXPECT_EQ(parameters(find_network("resnet-20")), 269'722);  // counted in PyTorch
  EXPECT_EQ(find_network("resnet-20").macs(), 40'551'040);
}

TEST(Networks, ParametersAndMultiplyAccumulates) {
  const Sizes sizes[] = {
      // 2x128C3-MP2-2x256C3-MP2-2x512C3-MP2-FC1024-FC10 on 32x32x3.
      {"vgg-small",
       9 * (3 * 128 + 128 * 128 + 128 * 256 + 256 * 256 + 256 * 512 + 512 * 512) + 4 * 896 +
           8193 * 1024 + 1025 * 10,
       9L * (1024L * (3 * 128 + 128 * 128) + 256L * (128 * 256 + 256 * 256) +
             64L * (256 * 512 + 512 * 512)) +
           8192 * 1024 + 1024 * 10,
       8},
      // torchvision's counts of parameters: 11,689,512; 21,797,672; 25,557,032 with batch norms.
      {"resnet-18", 11'689'512, 1'814'073'344, 18},
      {"resnet-34", 21'797'672, 3'663'761'408, 34},
      {"resnet-50", 25'557'032, 4'089'184'256, 50},
      // torchvision: 61,100,840 with a bias in each convolution, in whose place is a norm here.
      {"alexnet", 61'100'840 + 64 + 192 + 384 + 256 + 256, 714'188'480, 8},
      // torchvision: 138,357,544, likewise.
      {"vgg-16", 138'357'544 + 2 * 64 + 2 * 128 + 3 * 256 + 6 * 512, 15'470'264'320, 16},
      // Howard et al., table 8: 569 million multiply-adds, 4.2 million parameters.
      {"mobilenet-v1", 4'231'976, 568'740'352, 28},
  };
  for (const Sizes& want : sizes) {
    SCOPED_TRACE(want.name);
    const Network network = find_network(want.name);
    EXPECT_EQ(parameters(network), want.parameters);
    EXPECT_EQ(network.macs(), want.macs);
    long weighted = 0;
    for (const Node& each : network.nodes) {
      const bool projection = each.name.find("shortcut") != std::string::npos;
      weighted += each.weights() > 0 && !projection ? 1 : 0;
    }
    EXPECT_EQ(weighted, want.weighted);
    EXPECT_EQ(count(network, Op::kNorm), count(network, Op::kConv));
    for (const Node& each : network.nodes) {  // a norm takes out any bias before it
      EXPECT_FALSE(each.op == Op::kConv && each.bias) << each.name;
    }
  }
}

// Where ResNet-50 has its strides decides 0.23 of its 4.09 G multiply-accumulates.
TEST(Networks, ResNet50StridesInThe3x3) {
  const Network network = find_network("resnet-50");
  for (const char* block : {"s2b1", "s3b1", "s4b1"}) {
    EXPECT_EQ(node(network, std::string(block) + "-conv1").window.stride_h, 1);
    EXPECT_EQ(node(network, std::string(block) + "-conv2").window.stride_h, 2);
  }
}

TEST(Networks, DataAndInputBelongTogether) {
  for (const NetworkEntry& entry : list_networks()) {
    SCOPED_TRACE(entry.name);
    const Network network = find_network(entry.name);
    if (network.dataset.kind == "cifar10") {
      EXPECT_EQ(network.input().out, (Shape{32, 32, 3}));
      EXPECT_EQ(network.classes, 10);
      EXPECT_EQ(network.dataset.augment, Augment::kCropFlip);
      EXPECT_EQ(network.dataset.pad, 4);
    } else if (network.dataset.kind == "image_folder") {
      EXPECT_EQ(network.input().out, (Shape{224, 224, 3}));
      EXPECT_EQ(network.classes, 1000);
      EXPECT_EQ(network.dataset.augment, Augment::kResizedCrop);
    } else {
      EXPECT_EQ(network.input().out, (Shape{28, 28, 1}));
    }
    EXPECT_FALSE(network.dataset.hint.empty());
  }
}

}  // namespace
}  // namespace octet::workloads
