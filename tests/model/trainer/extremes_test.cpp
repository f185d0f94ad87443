// extremes: sample_mean, as the engine quantises.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

using Tensor = Quantisation::Tensor;

// (f32(sum of the images' extremes) s) / f32(images), image by image.
Range mean_by_hand(std::span<const std::int32_t> wide, std::size_t images, float scale) {
  const std::size_t size = wide.size() / images;
  std::int64_t low = 0, high = 0;
  for (std::size_t n = 0; n < images; ++n) {
    const auto image = wide.subspan(n * size, size);
    low += *std::min_element(image.begin(), image.end());
    high += *std::max_element(image.begin(), image.end());
  }
  const auto mean = [&](std::int64_t sum) {
    return (static_cast<float>(sum) * scale) / static_cast<float>(images);
  };
  return {mean(low), mean(high)};
}

// Activations have the mean of the images' extremes, gradients those of the whole tensor; what
// lies outside saturates and is counted.
TEST(SampleMean, ActivationsAloneHaveIt) {
  constexpr int kBatch = 8;
  const workloads::Network network = testing::tiny_network();
  const testing::Images images = testing::made_up_images(network, kBatch, 1);
  Recipe recipe;
  recipe.sample_mean_extremes = true;
  int activations = 0, gradients = 0;
  std::int64_t outside = 0;
  EngineOptions options{kBatch, 3, 1};
  options.observer = [&](const Quantisation& q) {
    if (q.tensor == Tensor::kActivation) {
      ++activations;
      Range range = mean_by_hand(q.wide, kBatch, q.scales[0]);
      const workloads::Node& node = network.nodes[static_cast<std::size_t>(q.node)];
      const bool clipped =
          node.consumers.size() == 1 &&
          network.nodes[static_cast<std::size_t>(node.consumers[0])].op == workloads::Op::kRelu;
      if (clipped) range = {std::max(range.low, 0.0F), std::max(range.high, 0.0F)};
      EXPECT_EQ(q.params, choose_quant_params(range, 8)) << node.name;
      for (const std::int32_t x : q.wide)  // by more than the nudge of the zero point
        outside += static_cast<float>(x) * q.scales[0] > range.high + q.params.scale;
    } else if (q.tensor == Tensor::kGradient && q.scales.size() == 1) {
      ++gradients;
      EXPECT_EQ(q.params, choose_quant_params(real_range(extremes_of(q.wide), q.scales[0]), 8));
    }
  };
  const auto engine = make_integer_engine(network, recipe, options);
  const StepResult step = engine->train_step(images.pixels, images.labels, testing::kRates);
  EXPECT_GT(activations, 3);
  EXPECT_GT(gradients, 3);
  EXPECT_GT(outside, 0);
  EXPECT_GE(step.saturated, outside);
}

}  // namespace
}  // namespace octet::model
