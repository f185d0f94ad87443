#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/model/float32/small_network.hpp"
#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

using testing::made_up_images;
using workloads::Network;
using workloads::Op;

// What one step of rate 1 without momentum takes from the weights of conv and fc, node by node.
std::vector<std::vector<double>> gradients(const Network& network, const Recipe& recipe) {
  const auto engine = make_engine(network, recipe, {64, 2, 5});
  const TrainingState before = engine->state();
  const testing::Images images = made_up_images(network, 64, 12);
  static_cast<void>(engine->train_step(images.pixels, images.labels, {.learning_rate = 1.0F}));
  std::vector<std::vector<double>> result;
  for (std::size_t id = 0; id < before.nodes.size(); ++id) {
    if (network.nodes[id].weights() == 0) continue;
    std::vector<double> difference;
    for (std::size_t i = 0; i < before.nodes[id].weight.size(); ++i)
      difference.push_back(static_cast<double>(before.nodes[id].weight[i]) -
                           static_cast<double>(engine->state().nodes[id].weight[i]));
    result.push_back(difference);
  }
  return result;
}

double cosine(const std::vector<double>& a, const std::vector<double>& b) {
  double aa = 0, bb = 0, ab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += a[i] * a[i];
    bb += b[i] * b[i];
    ab += a[i] * b[i];
  }
  return ab / std::sqrt(aa * bb);
}

std::vector<double> joined(const std::vector<std::vector<double>>& parts) {
  std::vector<double> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

Recipe float32() {
  Recipe recipe;
  recipe.float32 = true;
  return recipe;
}

TEST(Direction, EightBitsPointWhereFloat32Does) {
  const Network network = testing::tiny_network();
  const auto exact = gradients(network, float32());
  const auto found = gradients(network, {});
  ASSERT_EQ(exact.size(), 4U);
  EXPECT_GE(cosine(joined(found), joined(exact)), 0.99);
  // The first layer's gradient has been rounded at random in every layer above it.
  for (std::size_t layer = 0; layer < exact.size(); ++layer)
    EXPECT_GE(cosine(found[layer], exact[layer]), layer == 0 ? 0.94 : 0.97) << "layer " << layer;
}

TEST(Direction, FewerBitsPointFurtherAway) {
  const Network network = testing::tiny_network();
  const auto exact = joined(gradients(network, float32()));
  double last = 1.0;
  for (const int bits : {8, 5, 2}) {
    Recipe recipe;
    recipe.bits.gradient = recipe.bits.activation = recipe.bits.weight = bits;
    const double found = cosine(joined(gradients(network, recipe)), exact);
    EXPECT_LT(found, last) << bits;
    last = found;
  }
  EXPECT_LT(last, 0.9);  // the control: 2 bits must fail the test above
}

TEST(Direction, WithoutNorm) {
  const Network network = testing::tiny_network();
  Recipe recipe;
  recipe.norm = Recipe::Norm::kNone;
  Recipe reference = float32();
  reference.norm = Recipe::Norm::kNone;
  EXPECT_GE(cosine(joined(gradients(network, recipe)), joined(gradients(network, reference))),
            0.99);
}

TEST(Direction, EveryKindOfNode) {
  const Network network = float32::testing::every_kind();
  EXPECT_GE(cosine(joined(gradients(network, {})), joined(gradients(network, float32()))), 0.97);
}

}  // namespace
}  // namespace octet::model
