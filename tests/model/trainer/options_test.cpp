#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "tests/model/trainer/networks.hpp"
#include "tests/model/trainer/tiny.hpp"

// What must not change a bit of a training: who looks on, what is kept, tests in between.
namespace octet::model {
namespace {

using testing::Images;
using testing::kRates;
using testing::made_up_images;

constexpr int kBatch = 8;
constexpr int kSteps = 6;

struct Variant {
  bool keep_gradients = false;
  long observe_every = 0;  // 0: no observer
  int test_images = 0;     // 0: no tests between the steps
  int threads = 2;
};

std::uint64_t train(const workloads::Network& network, const Recipe& recipe, const Variant& v) {
  EngineOptions options{.batch = kBatch, .threads = v.threads, .seed = 3};
  options.keep_gradients = v.keep_gradients;
  std::set<std::uint32_t> seen;
  if (v.observe_every > 0) {
    options.observer = [&seen](const Quantisation& tensor) { seen.insert(tensor.step); };
    options.observe_every = v.observe_every;
  }
  const auto engine = make_integer_engine(network, recipe, options);
  for (std::uint32_t step = 0; step < kSteps; ++step) {
    const Images images = made_up_images(network, kBatch, 50 + step);
    static_cast<void>(engine->train_step(images.pixels, images.labels, kRates));
    if (v.test_images == 0) continue;
    const Images test = made_up_images(network, v.test_images, 9 + step);
    EXPECT_TRUE(std::isfinite(engine->evaluate(test.pixels, test.labels).loss_sum));
  }
  for (std::uint32_t step = 0; step < kSteps; ++step)
    EXPECT_EQ(seen.contains(step), v.observe_every > 0 && (step + 1) % v.observe_every == 0);
  return state_hash(engine->state());
}

void expect_no_difference(const workloads::Network& network) {
  Recipe delayed, single, stochastic, means;
  delayed.delayed_ranges = true;
  single.bifurcated = false;
  stochastic.rounding.activation = Rounding::kStochastic;
  means.sample_mean_extremes = true;
  int number = 0;
  for (const Recipe& recipe : {Recipe{}, delayed, single, stochastic, means}) {
    SCOPED_TRACE(network.name + ", recipe " + std::to_string(number++));
    const std::uint64_t plain = train(network, recipe, {});
    EXPECT_EQ(train(network, recipe, {.keep_gradients = true}), plain);
    EXPECT_EQ(train(network, recipe, {.observe_every = 1}), plain);
    EXPECT_EQ(train(network, recipe, {.observe_every = 2}), plain) << "every second step";
    EXPECT_EQ(train(network, recipe, {.keep_gradients = true, .observe_every = 3}), plain);
    for (const int images : {1, kBatch - 3, kBatch})
      EXPECT_EQ(train(network, recipe, {.test_images = images}), plain) << images << " images";
    EXPECT_EQ(train(network, recipe,
                    {.keep_gradients = true, .observe_every = 2, .test_images = 3, .threads = 3}),
              plain);
  }
}

TEST(EngineOptions, LookingOnChangesNothing) {
  expect_no_difference(testing::tiny_network());
  expect_no_difference(testing::window_network());
  expect_no_difference(testing::meeting_network());
  expect_no_difference(float32::testing::every_kind());
}

// A test's images do not depend on their neighbours: the running statistics are used. (Means over
// the images' extremes and the ranges of activations are of training alone.)
TEST(EngineOptions, ATestMayBeCutIntoAnyBatches) {
  for (const auto& network : {testing::tiny_network(), testing::window_network()}) {
    const auto engine = make_integer_engine(network, {}, {.batch = kBatch, .threads = 2});
    for (std::uint32_t step = 0; step < 3; ++step) {
      const Images images = made_up_images(network, kBatch, 50 + step);
      static_cast<void>(engine->train_step(images.pixels, images.labels, kRates));
    }
    const Images test = made_up_images(network, kBatch, 77);
    const StepResult whole = engine->evaluate(test.pixels, test.labels);
    const auto size = static_cast<std::size_t>(network.input().out.elements());
    for (const std::size_t cut : {1U, 3U, 7U}) {
      const std::span<const std::uint8_t> pixels(test.pixels);
      const std::span<const std::uint16_t> labels(test.labels);
      const StepResult a = engine->evaluate(pixels.first(cut * size), labels.first(cut));
      const StepResult b = engine->evaluate(pixels.subspan(cut * size), labels.subspan(cut));
      EXPECT_EQ(a.correct + b.correct, whole.correct);
      EXPECT_NEAR(a.loss_sum + b.loss_sum, whole.loss_sum, 1e-9 * whole.loss_sum);
    }
  }
}

}  // namespace
}  // namespace octet::model
