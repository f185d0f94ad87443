#include <gtest/gtest.h>

#include <string>

#include "tests/common/expect_error.hpp"
#include "tests/workloads/graph/network_text.hpp"
#include "workloads/graph/limits.hpp"

namespace octet::workloads {
namespace {

using octet::testing::expect_error;
using octet::testing::network_text;
using octet::testing::TempDir;

void expect_refused(const std::string& text, const std::string& error) {
  const TempDir dir;
  const std::string path = dir.write("net.yaml", text);
  expect_error([&path] { (void)read_network(path); }, path + error);
}

const std::string kPoolAndLast = "  - {op: avg_pool}\n  - {op: fc, out: 10}\n";

TEST(Limits, OneSize) {
  expect_refused(network_text(kPoolAndLast, "[1048577, 1, 1]"),
                 ":4: input.height: found 1048577, expected an integer from 1 to 1048576");
}

TEST(Limits, InputElements) {
  expect_refused(network_text(kPoolAndLast, "[32768, 65536, 1]"),
                 ":4: input: found 2147483648 elements, expected at most 2147483647");
}

TEST(Limits, OutputElements) {
  expect_refused(
      network_text("  - {name: a, op: conv, out: 32, kernel: 1}\n" + kPoolAndLast,
                   "[8192, 8192, 1]"),
      ":8: layers.a: found an output of 8192x8192x32, expected at most 2147483647 elements");
}

TEST(Limits, WeightsOfOneOutput) {
  expect_refused(
      network_text(
          "  - {name: a, op: conv, out: 1048576, kernel: 1048576, pad: 524288}\n" + kPoolAndLast,
          "[1, 1, 1048576]"),
      ":8: layers.a.out: found 1152921504606846976 weights for one output, expected at "
      "most 2147483647");
}

TEST(Limits, Weights) {
  expect_refused(
      network_text("  - {name: a, op: fc, out: 1048576}\n" + kPoolAndLast, "[64, 32, 1]"),
      ":8: layers.a.out: found 2147483648 weights, expected at most 2147483647");
}

TEST(Limits, MultiplyAccumulates) {
  const std::string conv = "op: conv, out: 32, kernel: 33, pad: 16}\n";
  // 2^20 positions of 33 x 33 x 16 x 32 products, then of 33 x 33 x 32 x 32: 2^40 in the sum.
  expect_refused(network_text("  - {name: a, " + conv + "  - {name: b, " + conv + kPoolAndLast,
                              "[1024, 1024, 16]"),
                 ":9: layers.b: found 1753957269504 multiply-accumulates up to here, expected at "
                 "most 1099511627776 for one image");
}

TEST(Limits, Layers) {
  std::string layers;
  for (int i = 0; i < kMaxNodes - 3; ++i) layers += "  - {op: relu}\n";
  const std::string last = "  - {op: fc, out: 10}\n";
  const TempDir dir;
  EXPECT_EQ(octet::testing::read_text(dir, network_text(layers + last)).nodes.size(),
            static_cast<std::size_t>(kMaxNodes));
  expect_refused(network_text(layers + "  - {op: relu}\n" + last),
                 ":8197: layers[8189]: found 8190 layers, expected at most 8189");
}

}  // namespace
}  // namespace octet::workloads
