#include "model/analysis/angles.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <string>

#include "model/trainer/engine.hpp"
#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

using Tensor = Quantisation::Tensor;

// A small tensor whose values before and after are written out.
struct Example {
  std::vector<std::int32_t> wide;
  std::vector<float> scales = {1.0F};
  std::vector<std::uint8_t> codes;
  std::int32_t zero_point = 0;
  Tensor tensor = Tensor::kGradient;
  std::uint32_t step = 0;
  [[nodiscard]] Quantisation seen() const {
    return {3, step, tensor, {}, wide, scales, codes, {}, {0.25F, zero_point, 255}};
  }
};

TEST(Cosine, ClosedForms) {
  // (3, 4) against (4, 3): 24 / 25, whatever the scales and the zero point.
  const Example plain{{3, 4}, {1.0F}, {4, 3}};
  EXPECT_DOUBLE_EQ(*cosine(plain.seen()), 0.96);
  const Example scaled{{3, 4}, {0x1p-100F}, {14, 13}, 10};
  EXPECT_DOUBLE_EQ(*cosine(scaled.seen()), 0.96);
  const Example right{{1, 0, 5, 0}, {1.0F}, {0, 1, 0, 9}};
  EXPECT_DOUBLE_EQ(*cosine(right.seen()), 0.0);
  const Example opposite{{1, -2}, {1.0F}, {9, 12}, 10};
  EXPECT_DOUBLE_EQ(*cosine(opposite.seen()), -1.0);
  const Example tiny{{3, 4}, {0x1p-126F}, {4, 3}};
  EXPECT_DOUBLE_EQ(*cosine(tiny.seen()), 0.96);
}

TEST(Cosine, AScaleAChannel) {
  // Elements of channels 0, 1, 0, 1: reals 3, 4, 0, 12 against 3, 4, 0, 12.
  const Example same{{3, 8, 0, 24}, {1.0F, 0.5F}, {3, 4, 0, 12}};
  EXPECT_DOUBLE_EQ(*cosine(same.seen()), 1.0);
  const Example negative{{3, 4}, {1.0F, -1.0F}, {13, 6}, 10};
  EXPECT_DOUBLE_EQ(*cosine(negative.seen()), 1.0);
}

TEST(Cosine, FloatsAndWideCodes) {
  const std::vector<float> floats = {0.3F, -0.4F};
  const std::vector<std::uint16_t> codes = {1004, 997};
  Quantisation seen;
  seen.floats = floats;
  seen.wide_codes = codes;
  seen.params = {1.0F, 1000, 65535};
  EXPECT_NEAR(*cosine(seen), 0.96, 1e-7);
}

TEST(Cosine, NothingForZerosAndARightAngleForWhatIsLost) {
  EXPECT_FALSE(cosine(Example{{0, 0}, {1.0F}, {7, 7}, 7}.seen()).has_value());
  EXPECT_EQ(cosine(Example{{1, -1}, {1.0F}, {7, 7}, 7}.seen()), 0.0);
}

TEST(Cosine, WhatAReluTakesIsNoError) {
  Example clipped{{3, 4, -100}, {1.0F}, {3, 4, 0}, 0, Tensor::kActivation};
  EXPECT_DOUBLE_EQ(*cosine(clipped.seen()), 1.0);
  clipped.tensor = Tensor::kGradient;  // no ReLU follows a gradient
  EXPECT_NEAR(*cosine(clipped.seen()), 5.0 / std::sqrt(25.0 + 1e4), 1e-15);
  clipped = {{-3, -4}, {1.0F}, {0, 0}, 0, Tensor::kActivation};
  EXPECT_FALSE(cosine(clipped.seen()).has_value());
}

// The formulas by hand: d2 = 7.25216436 for 2^12 values, 8.58225863 for 2^16, 9.74458795 for 2^20.
TEST(AngleTheory, BoundAndPrediction) {
  EXPECT_NEAR(angle_bound(2, 4096), 0.7725870624, 1e-10);
  EXPECT_NEAR(angle_bound(2, 1 << 20), 0.7246337688, 1e-10);
  EXPECT_NEAR(angle_bound(4, 65536), 0.9216825599, 1e-10);
  EXPECT_NEAR(angle_bound(8, 4096), 0.9954217984, 1e-10);
  EXPECT_DOUBLE_EQ(angle_bound(3, 1), 1.0);
  EXPECT_NEAR(angle_prediction(4, 4096, Rounding::kNearest), 0.9904004100, 1e-8);
  EXPECT_NEAR(angle_prediction(4, 4096, Rounding::kStochastic), 0.9810720727, 1e-8);
  EXPECT_NEAR(angle_prediction(6, 65536, Rounding::kStochastic), 0.9984571104, 1e-8);
  EXPECT_NEAR(angle_prediction(8, 1 << 20, Rounding::kNearest), 0.9999391591, 1e-8);
}

// Normal values through the quantisers of the engine. At 2 and 3 bits the error is no longer
// independent of the value, so the prediction is asked for from 4 bits on.
TEST(AngleTheory, HoldsForNormalValues) {
  constexpr unsigned kSeed = 20;
  std::mt19937 generator(kSeed);
  std::normal_distribution<double> normal(0.0, 1e5);
  for (const std::size_t count : {4096UL, 65536UL}) {
    std::vector<std::int32_t> wide(count);
    for (auto& x : wide) x = static_cast<std::int32_t>(std::lround(normal(generator)));
    const std::vector<float> scale = {1e-5F};
    for (const int bits : {4, 5, 6, 8}) {
      for (const Rounding rounding : {Rounding::kNearest, Rounding::kStochastic}) {
        std::vector<std::uint8_t> codes(count);
        const Range range = real_range(extremes_of(wide), scale[0]);
        const QuantParams params = choose_quant_params(range, bits);
        const std::vector<Multiplier> factors = {requantise_multiplier(scale[0], params)};
        static_cast<void>(quantise_wide_ref<std::uint8_t>(
            wide, 0, {params, factors, rounding, {1, 2, 3}}, codes));
        const double found = *cosine({0, 0, Tensor::kGradient, {}, wide, scale, codes, {}, params});
        const auto n = static_cast<std::int64_t>(count);
        const double expected = angle_prediction(bits, n, rounding);
        SCOPED_TRACE(std::to_string(bits) + " bits, " + std::to_string(count) + " values, seed " +
                     std::to_string(kSeed));
        // The range of one sample strays from its mean d2 by some 5 %: the lost part by 2 x 5 %;
        // five deviations are allowed.
        EXPECT_NEAR(1.0 - found, 1.0 - expected, 0.5 * (1.0 - expected));
        EXPECT_GT(found, angle_bound(bits, n));
      }
    }
  }
}

TEST(Angles, MeansOverTheStepsLookedAt) {
  Recipe recipe;
  Angles angles(recipe, 2);
  angles.add(Example{{1, 1}, {1.0F}, {1, 0}, 0, Tensor::kGradient, 0}.seen());  // not looked at
  angles.add(Example{{3, 4}, {1.0F}, {4, 3}, 0, Tensor::kGradient, 1}.seen());
  angles.add(Example{{3, 4}, {1.0F}, {3, 4}, 0, Tensor::kGradient, 3}.seen());
  angles.add(Example{{0, 0}, {1.0F}, {0, 0}, 0, Tensor::kGradient, 5}.seen());
  angles.add(Example{{5}, {1.0F}, {5}, 0, Tensor::kWeight, 5}.seen());
  const std::vector<AngleRow> rows = angles.rows();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].tensor, Tensor::kWeight);
  EXPECT_EQ(rows[1].tensor, Tensor::kGradient);
  EXPECT_EQ(rows[1].node, 3);
  EXPECT_EQ(rows[1].bits, 8);
  EXPECT_EQ(rows[1].elements, 2);
  EXPECT_EQ(rows[1].samples, 2);
  EXPECT_EQ(rows[1].skipped, 1);
  EXPECT_NEAR(rows[1].cosine, 0.98, 1e-15);
  EXPECT_NEAR(rows[1].lowest, 0.96, 1e-15);
  EXPECT_NEAR(rows[1].highest, 1.0, 1e-15);
  EXPECT_EQ(rows[1].rounding, Rounding::kStochastic);
  EXPECT_EQ(rows[0].rounding, Rounding::kNearest);
  EXPECT_DOUBLE_EQ(rows[1].bound, angle_bound(8, 2));
  EXPECT_DOUBLE_EQ(rows[1].prediction, angle_prediction(8, 2, Rounding::kStochastic));
}

// What the engine shows: each weight, wide activation and gradient of a training step once, and
// nothing of evaluation; looking on changes no bit.
TEST(Observer, SeesEachQuantisationOfATrainingStep) {
  const workloads::Network network = testing::tiny_network();
  const testing::Images images = testing::made_up_images(network, 8, 1);
  Recipe recipe;
  std::map<std::pair<int, Tensor>, int> seen;
  EngineOptions options{8, 2, 1};
  options.observer = [&](const Quantisation& q) {
    ++seen[{q.node, q.tensor}];
    EXPECT_EQ(q.step, 0U);
    const std::size_t count = q.floats.empty() ? q.wide.size() : q.floats.size();
    EXPECT_EQ(std::max(q.codes.size(), q.wide_codes.size()), count);
    EXPECT_EQ(q.tensor == Tensor::kWeightGradient, q.params.q_max == 65535);
    const std::optional<double> c = cosine(q);
    ASSERT_TRUE(c.has_value());
    EXPECT_GT(*c, 0.99);
    EXPECT_LE(*c, 1.0 + 1e-12);
  };
  const auto watched = make_integer_engine(network, recipe, options);
  static_cast<void>(watched->train_step(images.pixels, images.labels, testing::kRates));
  const auto after_training = seen;
  static_cast<void>(watched->evaluate(images.pixels, images.labels));
  EXPECT_EQ(seen, after_training);
  for (const workloads::Node& node : network.nodes) {
    using workloads::Op;
    const bool weighted = node.op == Op::kConv || node.op == Op::kFullyConnected;
    const bool logits = weighted && node.id == network.loss().inputs[0];
    const auto count = [&](Tensor tensor) { return seen[{node.id, tensor}]; };
    EXPECT_EQ(count(Tensor::kWeight), weighted) << node.name;
    EXPECT_EQ(count(Tensor::kActivation),
              (weighted && !logits) || node.op == Op::kAdd || node.op == Op::kAvgPool)
        << node.name;
    EXPECT_EQ(count(Tensor::kWeightGradient), weighted || node.op == Op::kNorm) << node.name;
    EXPECT_EQ(count(Tensor::kGradient), (weighted && node.name != "conv1") || node.op == Op::kNorm)
        << node.name;
  }
  const auto alone = make_integer_engine(network, recipe, {8, 2, 1});
  static_cast<void>(alone->train_step(images.pixels, images.labels, testing::kRates));
  EXPECT_EQ(state_hash(watched->state()), state_hash(alone->state()));
}

}  // namespace
}  // namespace octet::model
