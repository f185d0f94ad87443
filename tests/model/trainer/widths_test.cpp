#include <gtest/gtest.h>

#include <string>

#include "common/error.hpp"
#include "model/trainer/widths.hpp"
#include "tests/model/float32/small_network.hpp"
#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

using float32::testing::SmallNetwork;
using float32::testing::square;
using workloads::Network;
using workloads::Op;

std::string refusal(const Network& network, const Recipe& recipe, int batch) {
  try {
    check_widths(network, recipe, batch);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}
void expect_refused(const std::string& message, const std::string& layer, std::int64_t need,
                    std::int64_t limit) {
  EXPECT_NE(message.find(layer), std::string::npos) << message;
  EXPECT_NE(message.find(std::to_string(need)), std::string::npos) << message;
  EXPECT_NE(message.find(std::to_string(limit)), std::string::npos) << message;
}

Network wide_fc(int inputs) {
  SmallNetwork n({1, inputs, 1});
  return n.finish(n.fc(0, 3));
}

TEST(Widths, ReductionOf33025IsTheLast) {
  EXPECT_EQ(refusal(wide_fc(33025), {}, 8), "");
  expect_refused(refusal(wide_fc(33026), {}, 8), "fc1", 33026LL * 255 * 255, 2147483647);
  Recipe narrow;  // narrower weights leave room for more terms
  narrow.bits.weight = 4;
  EXPECT_EQ(refusal(wide_fc(33026), narrow, 8), "");
}

TEST(Widths, TheEngineRefusesBeforeItRuns) {
  EXPECT_THROW(static_cast<void>(make_integer_engine(wide_fc(33026), {}, {.batch = 8})), Error);
}

// The layer at fault is named, not the one before it whose gradient overflows.
TEST(Widths, DataGradient) {
  SmallNetwork n({2, 2, 1});
  const int first = n.fc(0, 3);
  const int second = n.fc(first, 33026);
  const Network network = n.finish(second);
  expect_refused(refusal(network, {}, 8), "fc2", 33026LL * 255 * 255, 2147483647);
}

// Sums of 56 bits: only the element index bounds the batch.
TEST(Widths, WeightGradientOfALargeBatch) {
  SmallNetwork n({1, 4, 1});
  const Network network = n.finish(n.fc(0, 1));
  EXPECT_EQ(refusal(network, {}, 8'421'634), "");  // more than 48 bits would hold
  EXPECT_EQ(refusal(network, {}, 1 << 28), "");
  expect_refused(refusal(network, {}, 1 << 29), "input", std::int64_t{1} << 31, 2147483647);
}

TEST(Widths, NormOfManyValues) {
  SmallNetwork n({64, 64, 1});
  const int norm = n.same(Op::kNorm, {n.pool(0, Op::kMaxPool, square(1, 1, 0))});
  const Network network = n.finish(n.fc(norm, 2));
  EXPECT_EQ(refusal(network, {}, 4096), "");
  expect_refused(refusal(network, {}, 4097), "norm2", 4097LL * 4096, 1 << 24);
}

// The engine keeps a winner's place in its window in 16 bits.
TEST(Widths, MaxPoolingWindow) {
  const auto network = [](int columns) {
    SmallNetwork n({257, columns, 1});
    workloads::Window window = square(1, 1, 0);
    window.kernel_h = 256;
    window.kernel_w = columns;
    return n.finish(n.fc(n.pool(0, Op::kMaxPool, window), 2));
  };
  EXPECT_EQ(refusal(network(256), {}, 1), "");
  expect_refused(refusal(network(257), {}, 1), "max_pool1", 256LL * 257, 65536);
}

TEST(Widths, EveryNetworkFitsItsBatch) {
  for (const workloads::NetworkEntry& entry : workloads::list_networks()) {
    const Network network = workloads::find_network(entry.name);
    EXPECT_EQ(refusal(network, {}, network.schedule.batch), "") << entry.name;
  }
  EXPECT_EQ(refusal(workloads::find_network("vgg-16"), {}, 256), "");
}

TEST(Widths, TinyNetworkFitsItsBatch) {
  EXPECT_EQ(refusal(testing::tiny_network(), {}, 128), "");
  expect_refused(refusal(testing::tiny_network(), {}, 10'000'000), "input", 10'000'000LL * 28 * 28,
                 2147483647);
}

}  // namespace
}  // namespace octet::model
