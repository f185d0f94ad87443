#include "model/trainer/state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <vector>

#include "model/trainer/loader.hpp"
#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

using Order = std::vector<std::int32_t>;

TEST(Shuffled, IsAPermutationOfItsEpoch) {
  for (const std::int64_t images : {1, 2, 3, 10, 1000, 60000}) {
    std::set<Order> orders;
    for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
      Order order = shuffled(images, 1, epoch);
      EXPECT_EQ(shuffled(images, 1, epoch), order);
      orders.insert(order);
      std::sort(order.begin(), order.end());
      for (std::size_t i = 0; i < order.size(); ++i) ASSERT_EQ(order[i], static_cast<int>(i));
    }
    if (images >= 10) {
      EXPECT_EQ(orders.size(), 3U);
      EXPECT_NE(shuffled(images, 2, 0), shuffled(images, 1, 0));
    }
  }
}

// Worked by a second implementation of the page's definition.
TEST(Shuffled, SmallCases) {
  EXPECT_EQ(shuffled(8, 1, 0), (Order{4, 0, 3, 5, 2, 1, 7, 6}));
  EXPECT_EQ(shuffled(8, 1, 1), (Order{1, 7, 3, 6, 5, 0, 4, 2}));
  EXPECT_EQ(shuffled(8, 7, 3), (Order{1, 0, 2, 4, 3, 6, 5, 7}));
}

TEST(Shuffled, EveryPlaceIsEquallyLikely) {
  std::vector<int> first(5), last(5);
  const int epochs = 20'000;
  for (int epoch = 0; epoch < epochs; ++epoch) {
    const Order order = shuffled(5, 9, static_cast<std::uint32_t>(epoch));
    ++first[static_cast<std::size_t>(order.front())];
    ++last[static_cast<std::size_t>(order.back())];
  }
  for (const auto& counts : {first, last})
    for (const int count : counts) EXPECT_NEAR(count, epochs / 5, 5 * std::sqrt(epochs * 0.16));
}

TEST(InitialState, WeightsFillTheirBounds) {
  const workloads::Network network = testing::tiny_network();
  const TrainingState state = initial_state(network, 1);
  EXPECT_EQ(state.step, 0U);
  int weighted = 0;
  for (const workloads::Node& node : network.nodes) {
    const NodeState& own = state.nodes[static_cast<std::size_t>(node.id)];
    if (node.weights() == 0) continue;
    ++weighted;
    ASSERT_EQ(static_cast<long>(own.weight.size()), node.weights());
    const bool classifier = node.op == workloads::Op::kFullyConnected;
    const float bound =
        std::sqrt((classifier ? 1.0F : 6.0F) / static_cast<float>(node.reduction()));
    const auto [low, high] = std::minmax_element(own.weight.begin(), own.weight.end());
    EXPECT_LT(*high, bound);
    EXPECT_GT(*low, -bound);
    EXPECT_GT(*high, 0.9F * bound);
    EXPECT_LT(*low, -0.9F * bound);
    const double mean = std::accumulate(own.weight.begin(), own.weight.end(), 0.0) /
                        static_cast<double>(own.weight.size());
    EXPECT_LT(std::abs(mean), 5 * static_cast<double>(bound) /
                                  std::sqrt(3.0 * static_cast<double>(own.weight.size())));
    // The page's formula, element by element.
    for (std::size_t i = 0; i < own.weight.size(); ++i) {
      const float u = random_bits({1, 0, random_stream(node.id, RandomUse::kInitialise)}, i);
      ASSERT_EQ(own.weight[i], bound * ((2 * u + 1) / 65536 - 1)) << node.name << " " << i;
    }
    for (const float velocity : own.weight_velocity) EXPECT_EQ(velocity, 0.0F);
    for (const float bias : own.bias) EXPECT_EQ(bias, 0.0F);
  }
  EXPECT_EQ(weighted, 4);
}

TEST(InitialState, NormStartsAsOneAndZero) {
  const workloads::Network network = testing::tiny_network();
  const TrainingState state = initial_state(network, 1);
  int norms = 0;
  for (const workloads::Node& node : network.nodes) {
    if (node.op != workloads::Op::kNorm) continue;
    ++norms;
    const NodeState& own = state.nodes[static_cast<std::size_t>(node.id)];
    const auto channels = static_cast<std::size_t>(node.out.channels);
    EXPECT_EQ(own.weight, Buffer<float>(channels, 1.0F));
    EXPECT_EQ(own.bias, Buffer<float>(channels, 0.0F));
    EXPECT_EQ(own.running_mean.size(), channels);
  }
  EXPECT_EQ(norms, 3);
}

TEST(StateHash, SeesEveryBitThatIsLearnt) {
  const workloads::Network network = testing::tiny_network();
  TrainingState state = initial_state(network, 1);
  const std::uint64_t start = state_hash(state);
  EXPECT_EQ(state_hash(initial_state(network, 1)), start);
  EXPECT_NE(state_hash(initial_state(network, 2)), start);
  std::set<std::uint64_t> hashes = {start};
  float* const places[] = {&state.nodes[1].weight[0],         &state.nodes[1].weight[5],
                           &state.nodes[2].bias[1],           &state.nodes[2].running_mean[0],
                           &state.nodes[2].running_spread[0], &state.nodes[2].running_output.high};
  for (float* place : places) {
    const float kept = *place;
    *place = std::nextafter(kept, 10.0F);
    EXPECT_TRUE(hashes.insert(state_hash(state)).second);
    *place = kept;
  }
  EXPECT_EQ(state_hash(state), start);
}

}  // namespace
}  // namespace octet::model
