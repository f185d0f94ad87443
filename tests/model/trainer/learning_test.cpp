#include <gtest/gtest.h>

#include <string>

#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

using testing::Images;
using testing::made_up_images;
using testing::tiny_network;

struct Learnt {
  int steps = 0;  // until all were right as trained, 0 if never
  StepResult last;
  StepResult inference;
};
Learnt overfit(const Recipe& recipe, int most) {
  const workloads::Network network = tiny_network();
  const Images images = made_up_images(network, 64, 3);
  const auto engine = make_engine(network, recipe, {64, 2, 1});
  Learnt learnt;
  for (int step = 1; step <= most && learnt.steps == 0; ++step) {
    learnt.last = engine->train_step(images.pixels, images.labels, testing::kRates);
    if (learnt.last.correct == 64) learnt.steps = step;
  }
  learnt.inference = engine->evaluate(images.pixels, images.labels);
  return learnt;
}

TEST(Learning, SixtyFourImagesByHeartIn8Bits) {
  const Learnt learnt = overfit({}, 300);
  EXPECT_GT(learnt.steps, 0) << "right: " << learnt.last.correct;
  EXPECT_GE(learnt.inference.correct, 58);  // running statistics trail the batch's
  RecordProperty("steps", learnt.steps);
  Recipe float32;
  float32.float32 = true;
  const Learnt reference = overfit(float32, 300);
  ASSERT_GT(reference.steps, 0);
  EXPECT_LE(learnt.steps, 2 * reference.steps + 10);
}

TEST(Learning, RatesOfZeroLearnNothing) {  // the control
  const workloads::Network network = tiny_network();
  const Images images = made_up_images(network, 64, 3);
  const auto engine = make_integer_engine(network, {}, {64, 2, 1});
  const Buffer<float> before = engine->state().nodes[1].weight;
  ASSERT_FALSE(before.empty());
  for (int step = 0; step < 5; ++step)
    EXPECT_LT(engine->train_step(images.pixels, images.labels, {}).correct, 40);
  EXPECT_EQ(engine->state().nodes[1].weight, before);
  EXPECT_EQ(engine->state().step, 5U);
}

TEST(Learning, EvaluationChangesNothing) {
  const workloads::Network network = tiny_network();
  const Images images = made_up_images(network, 32, 3);
  const auto engine = make_integer_engine(network, {}, {32, 2, 1});
  static_cast<void>(engine->train_step(images.pixels, images.labels, testing::kRates));
  const std::uint64_t hash = state_hash(engine->state());
  const StepResult all = engine->evaluate(images.pixels, images.labels);
  EXPECT_EQ(state_hash(engine->state()), hash);
  EXPECT_EQ(engine->state().step, 1U);
  // An image's answer does not depend on its neighbours.
  const auto size = static_cast<std::size_t>(network.input().out.elements());
  double loss = 0;
  for (std::size_t n = 0; n < 32; ++n)
    loss += engine
                ->evaluate(std::span(images.pixels).subspan(n * size, size),
                           std::span(images.labels).subspan(n, 1))
                .loss_sum;
  EXPECT_NEAR(loss, all.loss_sum, 1e-9);
}

TEST(Learning, FirstLossIsThatOfAGuess) {
  const workloads::Network network = tiny_network();
  const Images images = made_up_images(network, 64, 3);
  const auto engine = make_integer_engine(network, {}, {64, 1, 1});
  const StepResult first = engine->train_step(images.pixels, images.labels, {});
  EXPECT_NEAR(first.loss_sum / 64, 2.302585, 0.5);
}

// The first step has no earlier ranges, so both recipes take the same step; in the second the
// delayed ranges are too narrow for other images, which the counter shows.
TEST(Learning, DelayedRangesCountWhatTheyCutOff) {
  Recipe delayed;
  delayed.delayed_ranges = true;
  const workloads::Network network = tiny_network();
  const auto own = make_integer_engine(network, {}, {32, 1, 1});
  const auto earlier = make_integer_engine(network, delayed, {32, 1, 1});
  Images images = made_up_images(network, 32, 1);
  for (auto& pixel : images.pixels) pixel = static_cast<std::uint8_t>(64 + pixel / 16);  // dim
  EXPECT_EQ(own->train_step(images.pixels, images.labels, {}).saturated, 0);
  const std::int64_t first = earlier->train_step(images.pixels, images.labels, {}).saturated;
  ASSERT_EQ(state_hash(earlier->state()), state_hash(own->state()));
  images = made_up_images(network, 32, 1);
  EXPECT_EQ(own->train_step(images.pixels, images.labels, {}).saturated, 0);
  EXPECT_GT(earlier->train_step(images.pixels, images.labels, {}).saturated, first + 10'000);
}

}  // namespace
}  // namespace octet::model
