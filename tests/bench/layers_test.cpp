#include "bench/layers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using octet::bench::layer_times;
using octet::bench::LayerTimes;
using octet::bench::Pass;
using octet::bench::Product;
using octet::model::Recipe;
using octet::model::StepClock;
using octet::model::StepPart;
using octet::workloads::Node;
using octet::workloads::Op;

constexpr int kBatch = 3;
constexpr int kSteps = 4;

octet::workloads::Network small_cnn() {
  return octet::workloads::read_network(std::string(OCTET_SOURCE_DIR) +
                                        "/tests/cases/small-cnn.yaml");
}

// Each node and part has seconds of its own, so that none can be taken for another.
double seconds_of(int node, int part) { return node + 1 + 0.125 * part; }

StepClock full_clock(const octet::workloads::Network& network) {
  StepClock clock;
  for (const Node& node : network.nodes)
    for (int part = 0; part < octet::model::kStepParts; ++part)
      clock.add(node.id, static_cast<StepPart>(part), kSteps * seconds_of(node.id, part));
  return clock;
}

TEST(LayerTimes, EachPartStandsInItsPlace) {
  const auto network = small_cnn();
  const auto layers = layer_times(network, Recipe{}, kBatch, full_clock(network), kSteps);
  ASSERT_EQ(layers.size(), network.nodes.size());
  const auto part = [](const Node& node, StepPart p) {
    return seconds_of(node.id, static_cast<int>(p));
  };
  for (const Node& node : network.nodes) {
    SCOPED_TRACE(node.name);
    const LayerTimes& layer = layers[static_cast<std::size_t>(node.id)];
    EXPECT_EQ(layer.node, node.id);
    const bool product = node.op == Op::kConv || node.op == Op::kFullyConnected;
    EXPECT_EQ(layer.products[0].seconds, product ? part(node, StepPart::kForward) : 0.0);
    EXPECT_EQ(layer.products[1].seconds, product ? part(node, StepPart::kDataGradient) : 0.0);
    EXPECT_EQ(layer.products[2].seconds, product ? part(node, StepPart::kWeightGradient) : 0.0);
    const auto pass = [&](Pass p) { return layer.passes[static_cast<std::size_t>(p)]; };
    EXPECT_EQ(pass(Pass::kPooling),
              product ? 0.0 : part(node, StepPart::kForward) + part(node, StepPart::kDataGradient));
    EXPECT_EQ(pass(Pass::kQuantise), part(node, StepPart::kQuantise));
    EXPECT_EQ(pass(Pass::kNorm), part(node, StepPart::kNorm));
    EXPECT_EQ(pass(Pass::kAdd), part(node, StepPart::kAdd));
    EXPECT_EQ(pass(Pass::kOther), part(node, StepPart::kOther));
    EXPECT_EQ(pass(Pass::kUpdate), part(node, StepPart::kUpdate));
  }
}

TEST(LayerTimes, RowsAddUpToTheClock) {
  const auto network = small_cnn();
  StepClock clock;  // no weight gradient where there are no weights, as in an engine
  for (const Node& node : network.nodes)
    for (int part = 0; part < octet::model::kStepParts; ++part)
      if (node.macs() > 0 || part != static_cast<int>(StepPart::kWeightGradient))
        clock.add(node.id, static_cast<StepPart>(part), seconds_of(node.id, part));
  const LayerTimes total = octet::bench::sum(layer_times(network, Recipe{}, kBatch, clock, kSteps));
  EXPECT_DOUBLE_EQ(total.seconds(), clock.total() / kSteps);
}

TEST(LayerTimes, CountsTheProducts) {
  const auto network = small_cnn();
  // conv1 12x12x8 from 3x3x1, conv2 6x6x8 from 3x3x8, fc1 4 from 6x6x8.
  const double conv1 = kBatch * 144.0 * 8 * 9;
  const double conv2 = kBatch * 36.0 * 8 * 72;
  const double fc1 = kBatch * 4.0 * 288;
  const LayerTimes total = octet::bench::sum(layer_times(network, Recipe{}, kBatch, {}, 0));
  EXPECT_EQ(total.products[0].macs, conv1 + conv2 + fc1);
  EXPECT_EQ(total.products[1].macs, conv2 + fc1);  // nobody needs the gradient of the images
  EXPECT_EQ(total.products[2].macs, conv1 + conv2 + fc1);
  EXPECT_EQ(total.products[0].byte_macs, total.products[0].macs);
  EXPECT_EQ(total.products[1].byte_macs, total.products[1].macs);
  EXPECT_EQ(total.products[2].byte_macs, 2 * total.products[2].macs);
  EXPECT_EQ(total.seconds(), 0.0);
}

TEST(LayerTimes, GradientsOfOneBytePassOnce) {
  Recipe recipe;
  recipe.bifurcated = false;
  const LayerTimes total = octet::bench::sum(layer_times(small_cnn(), recipe, kBatch, {}, 0));
  EXPECT_EQ(total.products[2].byte_macs, total.products[2].macs);
}

TEST(Product, RatesAndShares) {
  const Product product{.macs = 6e9, .byte_macs = 12e9, .seconds = 2.0};
  EXPECT_EQ(product.macs_per_second(), 3e9);
  EXPECT_EQ(product.peak_share(24e9), 0.25);
  EXPECT_EQ(product.peak_share(0.0), 0.0);  // no peak known
  EXPECT_EQ(Product{}.macs_per_second(), 0.0);
  EXPECT_EQ(Product{}.peak_share(24e9), 0.0);
}

}  // namespace
