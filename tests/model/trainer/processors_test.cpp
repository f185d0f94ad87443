#include <gtest/gtest.h>

#include <cstdint>

#include "model/trainer/engine.hpp"
#include "tests/model/float32/small_network.hpp"
#include "tests/model/trainer/images.hpp"
#include "tests/model/trainer/networks.hpp"

namespace octet::model {
namespace {

using float32::testing::SmallNetwork;
using float32::testing::square;

// Every kind of node with an arithmetic of its own.
workloads::Network mixed_network() {
  using workloads::Op;
  SmallNetwork n({12, 11, 3});
  const int conv1 = n.conv(0, 8, square(3, 1, 1), false);
  const int norm1 = n.same(Op::kNorm, {conv1});
  const int relu1 = n.same(Op::kRelu, {norm1});
  const int max1 = n.pool(relu1, Op::kMaxPool, square(2, 2, 0));
  const int conv2 = n.conv(max1, 8, square(3, 1, 1, 2), false);
  const int norm2 = n.same(Op::kNorm, {conv2});
  const int sum = n.same(Op::kAdd, {norm2, max1});
  const int relu2 = n.same(Op::kRelu, {sum});
  const int avg = n.pool(relu2, Op::kAvgPool, square(3, 2, 1));
  return n.finish(n.fc(avg, 10));
}

std::uint64_t hash_of_ten_steps(const workloads::Network& network, Rounding activation) {
  Recipe recipe;
  recipe.rounding.activation = activation;
  const auto engine = make_integer_engine(network, recipe, {.batch = 16, .threads = 2, .seed = 1});
  for (std::uint32_t step = 0; step < 10; ++step) {
    const testing::Images images = testing::made_up_images(network, 16, 100 + step);
    static_cast<void>(engine->train_step(images.pixels, images.labels, {0.05F, 0.9F, 1e-4F, true}));
  }
  return state_hash(engine->state());
}

// The same bits on every processor and from every compiler: these numbers change with
// docs/numerics.md alone.
TEST(Processors, TrainingEndsInTheseBits) {
  EXPECT_EQ(hash_of_ten_steps(mixed_network(), Rounding::kNearest), 0x3a4abef2216570f7u);
  EXPECT_EQ(hash_of_ten_steps(mixed_network(), Rounding::kStochastic), 0xe4f3656e84e939aeu);
  EXPECT_EQ(hash_of_ten_steps(testing::window_network(), Rounding::kNearest), 0x91a3ab7895d72f0cu);
  EXPECT_EQ(hash_of_ten_steps(testing::window_network(), Rounding::kStochastic),
            0x70becebf482782afu);
  EXPECT_EQ(hash_of_ten_steps(testing::meeting_network(), Rounding::kNearest), 0x94e90c2bcc93c9ddu);
  EXPECT_EQ(hash_of_ten_steps(testing::meeting_network(), Rounding::kStochastic),
            0x0ab42209487eaa0cu);
}

}  // namespace
}  // namespace octet::model
