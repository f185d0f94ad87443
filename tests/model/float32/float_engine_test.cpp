#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "common/error.hpp"
#include "model/trainer/engine.hpp"
#include "tests/model/float32/small_network.hpp"

namespace octet::model {
namespace {

using float32::testing::every_kind;
using float32::testing::smooth_kinds;
using workloads::Network;
constexpr SgdRates kStandStill{};  // rates of 0: a step that only measures

struct Batch {
  Batch(const Network& network, int count, std::uint32_t seed) {
    std::mt19937 random(seed);
    images.resize(static_cast<std::size_t>(count * network.input().out.elements()));
    for (auto& pixel : images) pixel = static_cast<std::uint8_t>(random());
    labels.resize(static_cast<std::size_t>(count));
    for (auto& label : labels)
      label = static_cast<std::uint16_t>(random() % static_cast<unsigned>(network.classes));
  }
  std::vector<std::uint8_t> images;
  std::vector<std::uint16_t> labels;
};

Recipe float_recipe(Recipe::Norm norm) {
  Recipe recipe;
  recipe.float32 = true;
  recipe.norm = norm;
  return recipe;
}

double batch_loss(Engine& engine, const Batch& batch) {
  return engine.train_step(batch.images, batch.labels, kStandStill).loss_sum /
         static_cast<double>(batch.labels.size());
}

// The gradient that a plain step of rate 1 takes away.
std::vector<NodeState> gradients(const Network& network, const Recipe& recipe, const Batch& batch) {
  const auto engine = make_float_engine(network, recipe, {.batch = 16, .threads = 2, .seed = 3});
  const TrainingState before = engine->state();
  static_cast<void>(engine->train_step(batch.images, batch.labels, {.learning_rate = 1.0F}));
  std::vector<NodeState> difference = before.nodes;
  for (std::size_t i = 0; i < difference.size(); ++i) {
    const NodeState& after = engine->state().nodes[i];
    for (std::size_t j = 0; j < after.weight.size(); ++j)
      difference[i].weight[j] -= after.weight[j];
    for (std::size_t j = 0; j < after.bias.size(); ++j) difference[i].bias[j] -= after.bias[j];
  }
  return difference;
}

// Compares every twelfth or so of each tensor's gradients with central differences of the loss,
// whose float32 rounding is about 3e-7, so 4e-5 over a step of 2^-7, and whose curvature adds about
// as much. Reports how many were compared and how many differed by more than the tolerance.
struct Agreement {
  int compared = 0;
  int differing = 0;
};
Agreement compare_gradients(const Network& network, const Recipe& recipe, float step) {
  const Batch batch(network, 16, 21);
  const std::vector<NodeState> gradient = gradients(network, recipe, batch);
  const auto engine = make_float_engine(network, recipe, {.batch = 16, .threads = 2, .seed = 3});
  Agreement result;
  const auto check = [&](Buffer<float>& values, const Buffer<float>& expected) {
    for (std::size_t j = 0; j < values.size(); j += values.size() / 12 + 1) {
      const float kept = values[j];
      values[j] = kept + step;
      const double above = batch_loss(*engine, batch);
      values[j] = kept - step;
      const double below = batch_loss(*engine, batch);
      values[j] = kept;
      const double slope = (above - below) / (2.0 * static_cast<double>(step));
      ++result.compared;
      if (std::abs(slope - expected[j]) > 3e-4 + 0.01 * std::abs(slope)) ++result.differing;
    }
  };
  for (const workloads::Node& node : network.nodes) {
    const auto id = static_cast<std::size_t>(node.id);
    if (node.op == workloads::Op::kNorm && recipe.norm == Recipe::Norm::kNone) continue;
    check(engine->state().nodes[id].weight, gradient[id].weight);
    check(engine->state().nodes[id].bias, gradient[id].bias);
  }
  return result;
}

TEST(FloatEngine, GradientOfASmoothNetworkIsTheSlopeOfTheLoss) {
  for (const auto norm : {Recipe::Norm::kBatchNorm, Recipe::Norm::kNone}) {
    const Agreement found = compare_gradients(smooth_kinds(), float_recipe(norm), 0x1p-7F);
    EXPECT_GT(found.compared, 50);
    EXPECT_EQ(found.differing, 0);
  }
}

class FloatEngineTest : public ::testing::TestWithParam<Recipe::Norm> {};

// A step may cross a kink: of a ReLU, a pooling winner, a chunk's extreme. That spoils a few
// comparisons; a wrong gradient of any one kind of node spoils most of those before it.
TEST_P(FloatEngineTest, GradientIsTheSlopeOfTheLossButForKinks) {
  const Agreement found = compare_gradients(every_kind(), float_recipe(GetParam()), 0x1p-9F);
  EXPECT_GT(found.compared, 50);
  EXPECT_LE(found.differing, found.compared / 8);
}

// Whatever the number of threads, and in slices of two and of three images.
TEST_P(FloatEngineTest, RunsEndInTheSameBits) {
  const Network network = every_kind();
  const auto run = [&](int threads) {
    const auto engine = make_float_engine(network, float_recipe(GetParam()),
                                          {.batch = 19, .threads = threads, .seed = 7});
    for (std::uint32_t step = 0; step < 5; ++step) {
      const Batch batch(network, 19, step);
      static_cast<void>(engine->train_step(batch.images, batch.labels, {0.1F, 0.9F, 1e-4F, true}));
    }
    EXPECT_EQ(engine->state().step, 5u);
    return state_hash(engine->state());
  };
  const std::uint64_t hash = run(1);
  for (const int threads : {2, 2, 3}) EXPECT_EQ(run(threads), hash);
}

TEST_P(FloatEngineTest, LearnsOneBatchByHeart) {
  const Network network = every_kind();
  const Batch batch(network, 16, 4);
  const auto engine =
      make_float_engine(network, float_recipe(GetParam()), {.batch = 16, .threads = 1, .seed = 1});
  const double before = batch_loss(*engine, batch);
  StepResult last;
  for (int step = 0; step < 150; ++step)
    last = engine->train_step(batch.images, batch.labels, {0.02F, 0.9F, 0.0F, true});
  EXPECT_LT(last.loss_sum / 16, 0.2 * before);
  EXPECT_GE(last.correct, 14);
}

// After many steps on one batch the running statistics are the batch's own, and the answer to an
// image does not depend on its neighbours.
TEST_P(FloatEngineTest, EvaluationUsesRunningStatistics) {
  const Network network = every_kind();
  const Batch batch(network, 16, 9);
  const auto engine =
      make_float_engine(network, float_recipe(GetParam()), {.batch = 16, .threads = 2, .seed = 1});
  double trained = 0;
  for (int step = 0; step < 3; ++step) trained = batch_loss(*engine, batch);
  const std::uint64_t hash = state_hash(engine->state());
  const StepResult whole = engine->evaluate(batch.images, batch.labels);
  EXPECT_NEAR(whole.loss_sum / 16, trained, 1e-4);
  double sum = 0;
  std::int64_t correct = 0;
  const auto image = static_cast<std::size_t>(network.input().out.elements());
  const std::span<const std::uint8_t> images = batch.images;
  const std::span<const std::uint16_t> labels = batch.labels;
  for (const auto& [first, count] : {std::pair{0u, 5u}, std::pair{5u, 11u}}) {
    const StepResult part = engine->evaluate(images.subspan(first * image, count * image),
                                             labels.subspan(first, count));
    sum += part.loss_sum;
    correct += part.correct;
  }
  EXPECT_NEAR(sum, whole.loss_sum, 1e-9);
  EXPECT_EQ(correct, whole.correct);
  EXPECT_EQ(state_hash(engine->state()), hash);
}

INSTANTIATE_TEST_SUITE_P(Norms, FloatEngineTest,
                         ::testing::Values(Recipe::Norm::kRangeBn, Recipe::Norm::kBatchNorm,
                                           Recipe::Norm::kNone),
                         [](const auto& kind) {
                           return kind.param == Recipe::Norm::kRangeBn     ? "range_bn"
                                  : kind.param == Recipe::Norm::kBatchNorm ? "batch_norm"
                                                                           : "none";
                         });

TEST(FloatEngine, RunningStatisticsMoveByATenth) {
  const Network network = every_kind();
  const auto engine = make_float_engine(network, float_recipe(Recipe::Norm::kRangeBn),
                                        {.batch = 16, .threads = 1, .seed = 1});
  const auto norm = [&]() -> NodeState& { return engine->state().nodes[2]; };
  const Batch a(network, 16, 1);
  const Batch b(network, 16, 2);
  static_cast<void>(batch_loss(*engine, a));
  const NodeState first = norm();
  EXPECT_GT(first.running_spread[0], 0.0F);
  static_cast<void>(batch_loss(*engine, b));
  const NodeState mixed = norm();
  engine->state().step = 0;
  static_cast<void>(batch_loss(*engine, b));
  const NodeState second = norm();
  for (std::size_t c = 0; c < first.running_mean.size(); ++c) {
    EXPECT_NEAR(mixed.running_mean[c], 0.9F * first.running_mean[c] + 0.1F * second.running_mean[c],
                1e-6);
    EXPECT_NEAR(mixed.running_spread[c],
                0.9F * first.running_spread[c] + 0.1F * second.running_spread[c], 1e-6);
  }
}

TEST(FloatEngine, AConstantInputKillsTheFirstNorm) {
  const Network network = every_kind();
  const auto engine = make_float_engine(network, float_recipe(Recipe::Norm::kRangeBn),
                                        {.batch = 16, .threads = 1, .seed = 1});
  engine->state().nodes[1].weight.assign(engine->state().nodes[1].weight.size(), 0.0F);
  Batch batch(network, 16, 1);
  EXPECT_GE(engine->train_step(batch.images, batch.labels, kStandStill).dead_channels, 6);
}

TEST(FloatEngine, RefusesBatchesItCannotTake) {
  const Network network = every_kind();
  const auto engine = make_float_engine(network, float_recipe(Recipe::Norm::kRangeBn),
                                        {.batch = 16, .threads = 1, .seed = 1});
  const Batch large(network, 17, 1);
  const Batch small(network, 15, 1);
  Batch wrong(network, 16, 1);
  wrong.labels[3] = 5;
  EXPECT_THROW(static_cast<void>(engine->evaluate(large.images, large.labels)), Error);
  EXPECT_THROW(static_cast<void>(engine->evaluate(large.images, small.labels)), Error);
  EXPECT_THROW(static_cast<void>(engine->train_step(small.images, small.labels, kStandStill)),
               Error);
  EXPECT_THROW(static_cast<void>(engine->evaluate(wrong.images, wrong.labels)), Error);
}

}  // namespace
}  // namespace octet::model
