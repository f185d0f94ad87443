#include <gtest/gtest.h>

#include <set>
#include <string>

#include "workloads/graph/network.hpp"

namespace octet::workloads {
namespace {

TEST(Op, NamesDiffer) {
  std::set<std::string> names;
  for (int op = 0; op <= static_cast<int>(Op::kSoftmaxCrossEntropy); ++op) {
    names.insert(op_name(static_cast<Op>(op)));
  }
  EXPECT_EQ(names.size(), 10U);
  EXPECT_EQ(names.count("unknown"), 0U);
}

TEST(Op, ConvolutionCounts) {
  Node node;
  node.op = Op::kConv;
  node.in = {10, 12, 8};
  node.out = {5, 6, 16};
  node.window.kernel_h = 3;
  node.window.kernel_w = 2;
  node.window.groups = 4;
  EXPECT_EQ(node.reduction(), 3 * 2 * 2);
  EXPECT_EQ(node.weights(), 12 * 16);
  EXPECT_EQ(node.macs(), 12 * 16 * 5 * 6);
}

TEST(Op, FullyConnectedCounts) {
  Node node;
  node.op = Op::kFullyConnected;
  node.in = {3, 4, 5};
  node.out = {1, 1, 7};
  EXPECT_EQ(node.reduction(), 60);
  EXPECT_EQ(node.weights(), 420);
  EXPECT_EQ(node.macs(), 420);
}

TEST(Op, NothingIsMultipliedElsewhere) {
  for (const Op op : {Op::kInput, Op::kNorm, Op::kRelu, Op::kMaxPool, Op::kAvgPool, Op::kAdd,
                      Op::kShortcut, Op::kSoftmaxCrossEntropy}) {
    Node node;
    node.op = op;
    node.in = node.out = {4, 4, 4};
    EXPECT_EQ(node.reduction(), 0) << op_name(op);
    EXPECT_EQ(node.weights(), 0) << op_name(op);
    EXPECT_EQ(node.macs(), 0) << op_name(op);
  }
}

TEST(Op, ShapesHoldMoreThan32Bits) {
  EXPECT_EQ((Shape{1 << 20, 1 << 20, 4}.elements()), 1L << 42);
  EXPECT_EQ(to_text(Shape{28, 27, 3}), "28x27x3");
}

}  // namespace
}  // namespace octet::workloads
