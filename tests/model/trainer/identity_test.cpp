#include "model/trainer/identity.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <set>

#include "common/error.hpp"
#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

// Pictures that nobody decodes: their names and sizes tell them apart.
class Pictures : public workloads::PictureSource {
 public:
  explicit Pictures(std::string prefix, std::uint64_t bytes = 100)
      : prefix_(std::move(prefix)), bytes_(bytes) {}
  [[nodiscard]] workloads::Picture read(long) const override { return {}; }
  [[nodiscard]] std::string name(long index) const override {
    return prefix_ + std::to_string(index);
  }
  [[nodiscard]] std::uint64_t file_bytes(long) const override { return bytes_; }

 private:
  std::string prefix_;
  std::uint64_t bytes_;
};

struct Inputs {
  workloads::Network network = testing::tiny_network();
  Recipe recipe;
  workloads::Datasets data{{{2, 2, 1}, {1, 2, 3, 4, 5, 6, 7, 8}, {0, 1}, nullptr},
                           {{2, 2, 1}, {9, 8, 7, 6}, {2}, nullptr}};
  std::uint32_t seed = 1;
  [[nodiscard]] RunIdentity identity() const { return run_identity(network, recipe, data, seed); }
};

// What is said where a checkpoint of `found` is to go on as `expected`; empty if it may.
std::string refusal(const RunIdentity& found, const RunIdentity& expected) {
  try {
    check_same_run("a/checkpoint", found, expected);
  } catch (const Error& error) {
    EXPECT_EQ(error.exit_status(), 1);
    return error.what();
  }
  return "";
}

TEST(Identity, NamesAndFilesAreNoPartOfIt) {
  const Inputs one;
  Inputs other;
  other.network.name = other.network.file = other.network.description = "other";
  other.network.dataset.path = other.network.dataset.hint = "other";
  for (workloads::Node& node : other.network.nodes) node.name += "x";
  other.recipe.name = other.recipe.file = "other";
  EXPECT_EQ(refusal(one.identity(), other.identity()), "");
}

TEST(Identity, EveryOtherChangeIsAnotherRun) {
  using Change = std::function<void(Inputs&)>;
  const std::pair<const char*, Change> changes[] = {
      {"network", [](Inputs& i) { i.network.classes = 9; }},
      {"network", [](Inputs& i) { i.network.nodes.pop_back(); }},
      {"network", [](Inputs& i) { i.network.nodes[1].out.channels++; }},
      {"network", [](Inputs& i) { i.network.nodes[1].window.stride_w++; }},
      {"network", [](Inputs& i) { i.network.nodes[1].window.groups++; }},
      {"network", [](Inputs& i) { i.network.nodes[1].bias = !i.network.nodes[1].bias; }},
      {"network", [](Inputs& i) { i.network.nodes[3].op = workloads::Op::kMaxPool; }},
      {"network", [](Inputs& i) { i.network.nodes[3].inputs = {1}; }},
      {"network", [](Inputs& i) { i.network.dataset.mean = 0.25F; }},
      {"network", [](Inputs& i) { i.network.dataset.deviation = 0.25F; }},
      {"network", [](Inputs& i) { i.network.dataset.augment = workloads::Augment::kCropFlip; }},
      {"network", [](Inputs& i) { i.network.dataset.pad = 4; }},
      {"network", [](Inputs& i) { i.network.schedule.kind = "cosine"; }},
      {"network", [](Inputs& i) { i.network.schedule.peak_rate = 0.25F; }},
      {"network", [](Inputs& i) { i.network.schedule.warmup = 0.25F; }},
      {"network", [](Inputs& i) { i.network.schedule.momentum = 0.25F; }},
      {"network", [](Inputs& i) { i.network.schedule.nesterov = false; }},
      {"network", [](Inputs& i) { i.network.schedule.weight_decay = 0.25F; }},
      {"network", [](Inputs& i) { i.network.schedule.milestones = {1}; }},
      {"recipe", [](Inputs& i) { i.recipe.float32 = true; }},
      {"recipe", [](Inputs& i) { i.recipe.bits.weight = 7; }},
      {"recipe", [](Inputs& i) { i.recipe.bits.activation = 7; }},
      {"recipe", [](Inputs& i) { i.recipe.bits.gradient = 7; }},
      {"recipe", [](Inputs& i) { i.recipe.bits.weight_gradient = 7; }},
      {"recipe", [](Inputs& i) { i.recipe.rounding.activation = Rounding::kStochastic; }},
      {"recipe", [](Inputs& i) { i.recipe.rounding.gradient = Rounding::kNearest; }},
      {"recipe", [](Inputs& i) { i.recipe.rounding.weight_gradient = Rounding::kStochastic; }},
      {"recipe", [](Inputs& i) { i.recipe.bifurcated = false; }},
      {"recipe", [](Inputs& i) { i.recipe.norm = Recipe::Norm::kNone; }},
      {"recipe", [](Inputs& i) { i.recipe.range_constant = RangeConstant::kPaper; }},
      {"recipe", [](Inputs& i) { i.recipe.chunks = 4; }},
      {"recipe", [](Inputs& i) { i.recipe.delayed_ranges = true; }},
      {"recipe", [](Inputs& i) { i.recipe.sample_mean_extremes = true; }},
      {"seed", [](Inputs& i) { i.seed = 2; }},
      {"batch", [](Inputs& i) { i.network.schedule.batch = 3; }},
      {"epochs", [](Inputs& i) { i.network.schedule.epochs = 3; }},
      {"data", [](Inputs& i) { i.data.train.pixels[3] ^= 1; }},
      {"data", [](Inputs& i) { i.data.train.labels[1] ^= 1; }},
      {"data", [](Inputs& i) { i.data.test.pixels[0] ^= 1; }},
      {"data", [](Inputs& i) { i.data.test.labels[0] ^= 1; }},
      {"data", [](Inputs& i) { i.data.test.labels.push_back(0); }},
      {"data", [](Inputs& i) { i.data.train.source = std::make_shared<Pictures>("a"); }},
      {"data", [](Inputs& i) { i.data.train.source = std::make_shared<Pictures>("b"); }},
      {"data", [](Inputs& i) { i.data.train.source = std::make_shared<Pictures>("a", 101); }},
  };
  const RunIdentity found = Inputs{}.identity();
  std::set<std::string> said;
  for (const auto& [field, change] : changes) {
    Inputs inputs;
    change(inputs);
    const std::string why = refusal(found, inputs.identity());
    EXPECT_TRUE(why.starts_with(std::string("a/checkpoint: ") + field + ": found ")) << why;
    EXPECT_TRUE(said.insert(why).second) << "two changes with one hash: " << why;
  }
}

TEST(Identity, SaysWhatIsOther) {
  RunIdentity found, expected;
  found.network = "one";
  expected.network = "two";
  EXPECT_EQ(refusal(found, expected), "");
  found.network_hash = 0xabc;
  EXPECT_EQ(refusal(found, expected),
            "a/checkpoint: network: found one (hash 0000000000000abc), expected two (hash "
            "0000000000000000)");
  found = expected;
  found.seed = 7;
  EXPECT_EQ(refusal(found, expected), "a/checkpoint: seed: found 7, expected 0 as asked for");
}

}  // namespace
}  // namespace octet::model
