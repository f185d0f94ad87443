#include <gtest/gtest.h>

#include <filesystem>

#include "tests/common/expect_error.hpp"
#include "tests/workloads/graph/network_text.hpp"

namespace octet::workloads {
namespace {

using octet::testing::expect_error;
using octet::testing::node;
using octet::testing::TempDir;

TEST(Catalog, ListsEveryNetworkByName) {
  const std::vector<NetworkEntry> entries = list_networks();
  ASSERT_GE(entries.size(), 2U);
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const NetworkEntry& entry = entries[i];
    EXPECT_EQ(std::filesystem::path(entry.file).stem(), entry.name) << "file and name must agree";
    EXPECT_FALSE(entry.description.empty()) << entry.name;
    EXPECT_EQ(find_network(entry.name).name, entry.name);
    if (i > 0) {
      EXPECT_LT(entries[i - 1].name, entry.name);
    }
  }
}

TEST(Catalog, FindsAFileByItsPath) {
  const TempDir dir;
  const std::string path =
      dir.write("mine.yaml", octet::testing::network_text("  - {op: fc, out: 10}\n"));
  EXPECT_EQ(find_network(path).name, "test");
}

TEST(Catalog, UnknownNameListsTheKnownOnes) {
  std::string names;
  for (const NetworkEntry& entry : list_networks())
    names += (names.empty() ? "" : ", ") + entry.name;
  const std::string expected = "expected a network file or one of: " + names;
  expect_error([] { (void)find_network("nope"); }, "network: found nope, " + expected, 2);
  expect_error([] { (void)find_network(""); }, "network: found an empty name, " + expected, 2);
}

TEST(Catalog, FashionCnn) {
  const Network network = find_network("fashion-cnn");
  ASSERT_EQ(network.nodes.size(), 13U);
  EXPECT_EQ(node(network, "conv1").out, (Shape{28, 28, 32}));
  EXPECT_EQ(node(network, "pool1").out, (Shape{14, 14, 32}));
  EXPECT_EQ(node(network, "pool2").out, (Shape{7, 7, 64}));
  EXPECT_EQ(node(network, "fc1").reduction(), 3136);
  EXPECT_FALSE(node(network, "conv1").bias);
  EXPECT_FALSE(node(network, "conv2").bias);
  EXPECT_TRUE(node(network, "fc2").bias);
  EXPECT_EQ(network.dataset.path, "/usr/share/datasets/fashion-mnist");
  EXPECT_EQ(network.dataset.mean, 0.2860F);
  EXPECT_EQ(network.dataset.deviation, 0.3530F);
  EXPECT_EQ(network.schedule.epochs, 5);
  EXPECT_EQ(network.schedule.batch, 128);
  long weights = 0;
  for (const Node& each : network.nodes) weights += each.weights();
  EXPECT_EQ(weights, 25 * 32 + 25 * 32 * 64 + 3136 * 512 + 512 * 10);
  EXPECT_EQ(network.macs(), 784L * 800 + 196L * 51200 + 3136L * 512 + 5120);
}

TEST(Catalog, TinyCnnHasEveryOperation) {
  const Network network = find_network("tiny-cnn");
  for (int op = 0; op <= static_cast<int>(Op::kSoftmaxCrossEntropy); ++op) {
    bool found = false;
    for (const Node& each : network.nodes) found = found || each.op == static_cast<Op>(op);
    EXPECT_TRUE(found) << op_name(static_cast<Op>(op));
  }
  EXPECT_EQ(node(network, "conv2").window.groups, 2);
  EXPECT_EQ(node(network, "conv3").window.stride_h, 2);
  EXPECT_EQ(node(network, "pool1").consumers.size(), 2U) << "no residual";
  EXPECT_LT(network.macs(), 100000) << "not tiny";
}

}  // namespace
}  // namespace octet::workloads
