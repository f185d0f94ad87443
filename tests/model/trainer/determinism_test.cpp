#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/error.hpp"
#include "tests/model/trainer/networks.hpp"
#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

using testing::hash_after;

TEST(Determinism, OneHashForAnyNumberOfThreads) {
  Recipe recipe;
  for (const Rounding rounding : {Rounding::kNearest, Rounding::kStochastic}) {
    recipe.rounding.activation = rounding;
    const std::uint64_t one = hash_after(recipe, 1, 1);
    EXPECT_EQ(hash_after(recipe, 2, 1), one);
    EXPECT_EQ(hash_after(recipe, 3, 1), one);
    EXPECT_EQ(hash_after(recipe, 1, 1), one) << "the same run again";
  }
}

TEST(Determinism, ThreadsMayBeMoreThanImages) {
  EXPECT_EQ(hash_after({}, 7, 1, 2, 3), hash_after({}, 1, 1, 2, 3));
}

// An engine that goes on from a state that was put in between steps knows nothing of the old one,
// such as the range of its weights.
TEST(Determinism, AStateCanBeReplacedBetweenSteps) {
  const workloads::Network network = testing::tiny_network();
  const testing::Images images = testing::made_up_images(network, 16, 5);
  const auto used = make_integer_engine(network, {}, {16, 2, 1});
  for (int step = 0; step < 2; ++step)
    static_cast<void>(used->train_step(images.pixels, images.labels, testing::kRates));
  for (NodeState& node : used->state().nodes)
    for (float& weight : node.weight) weight *= 0.75F;
  const auto fresh = make_integer_engine(network, {}, {16, 2, 1});
  fresh->state() = used->state();
  for (const auto& engine : {used.get(), fresh.get()})
    static_cast<void>(engine->train_step(images.pixels, images.labels, testing::kRates));
  EXPECT_EQ(state_hash(used->state()), state_hash(fresh->state()));
}

// A tensor that is kept whole, as onlookers want it, changes nothing: a ReLU is then no other's.
TEST(Determinism, KeptTensorsChangeNothing) {
  for (const char* name : {"tiny-cnn", "relus", "meeting"}) {
    const workloads::Network network = testing::network_named(name);
    EngineOptions options{16, 2, 1};
    const std::uint64_t plain = hash_after(network, {}, options, 8);
    options.keep_gradients = true;
    EXPECT_EQ(hash_after(network, {}, options, 8), plain) << name;
  }
}

// A run that diverges ends at the same step with any number of threads: what follows would be made
// of infinities, whose products with 0 are no numbers.
TEST(Determinism, DivergenceIsAnErrorAtOneStep) {
  const workloads::Network network = testing::tiny_network();
  for (const bool integers : {true, false}) {
    std::set<std::string> messages;
    for (const int threads : {1, 2, 3}) {
      const EngineOptions options{16, threads, 1};
      const auto engine = integers ? make_integer_engine(network, {}, options)
                                   : make_float_engine(network, {}, options);
      try {
        for (std::uint32_t step = 0; step < 50; ++step) {
          const testing::Images images = testing::made_up_images(network, 16, step);
          static_cast<void>(
              engine->train_step(images.pixels, images.labels, {1e30F, 0.9F, 0.0F, false}));
        }
        ADD_FAILURE() << "50 steps at a rate of 1e30";
      } catch (const Error& error) {
        messages.insert(error.what());
      }
    }
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_NE(messages.begin()->find("not finite after step"), std::string::npos);
  }
}

TEST(Determinism, EverySeedIsAnotherRun) {
  std::set<std::uint64_t> hashes;
  for (const std::uint32_t seed : {1U, 2U, 3U}) hashes.insert(hash_after({}, 2, seed, 2));
  EXPECT_EQ(hashes.size(), 3U);
}

// Every switch of the recipe runs and makes a difference.
TEST(Determinism, EveryRecipeIsAnotherRun) {
  std::set<std::uint64_t> hashes = {hash_after({}, 2, 1, 3)};
  std::size_t count = 1;
  const auto differs = [&](const Recipe& recipe, const std::string& what) {
    ++count;
    EXPECT_TRUE(hashes.insert(hash_after(recipe, 2, 1, 3)).second) << what;
  };
  for (int bits = 2; bits <= 7; ++bits) {
    Recipe weight, activation, gradient, fine, all;
    weight.bits.weight = activation.bits.activation = gradient.bits.gradient = bits;
    fine.bits.weight_gradient = 2 * bits;
    all.bits = {bits, bits, bits, bits};
    differs(weight, "weight " + std::to_string(bits));
    differs(activation, "activation " + std::to_string(bits));
    differs(gradient, "gradient " + std::to_string(bits));
    differs(fine, "weight gradient " + std::to_string(2 * bits));
    differs(all, "all " + std::to_string(bits));
  }
  Recipe single, delayed, means, stochastic, nearest, fine, none, paper, authors, chunks;
  single.bifurcated = false;
  delayed.delayed_ranges = true;
  means.sample_mean_extremes = true;
  stochastic.rounding.activation = Rounding::kStochastic;
  nearest.rounding.gradient = Rounding::kNearest;
  fine.rounding.weight_gradient = Rounding::kStochastic;
  none.norm = Recipe::Norm::kNone;
  paper.range_constant = RangeConstant::kPaper;
  authors.range_constant = RangeConstant::kAuthors;
  chunks.chunks = 4;
  differs(single, "not bifurcated");
  differs(delayed, "delayed ranges");
  differs(means, "means of the images' extremes");
  differs(stochastic, "stochastic activations");
  differs(nearest, "nearest gradients");
  differs(fine, "stochastic weight gradients");
  differs(none, "no norm");
  differs(paper, "paper's constant");
  differs(authors, "authors' constant");
  differs(chunks, "4 chunks");
  EXPECT_EQ(hashes.size(), count);
}

// One thread or many, for the recipes that take other paths.
TEST(Determinism, ThreadsUnderOtherRecipes) {
  Recipe single, delayed, means, low;
  means.sample_mean_extremes = true;
  single.bifurcated = false;
  delayed.delayed_ranges = true;
  low.bits = {2, 3, 4, 5};
  for (const Recipe& recipe : {single, delayed, means, low})
    EXPECT_EQ(hash_after(recipe, 3, 1, 3), hash_after(recipe, 1, 1, 3));
}

}  // namespace
}  // namespace octet::model
