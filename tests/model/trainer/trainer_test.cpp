#include "model/trainer/trainer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

#include "common/error.hpp"
#include "model/trainer/loader.hpp"
#include "tests/model/trainer/tiny.hpp"

namespace octet::model {
namespace {

constexpr int kBatch = 8;
constexpr int kEpochs = 3;
constexpr long kStepsPerEpoch = 5;

workloads::Dataset made_up(const workloads::Network& network, int count, std::uint32_t seed) {
  const testing::Images images = testing::made_up_images(network, count, seed);
  workloads::Dataset data;
  data.shape = network.input().out;
  data.pixels = images.pixels;
  data.labels.assign(images.labels.begin(), images.labels.end());
  return data;
}

// The pictures of a data set in memory, as if they were decoded; one may be damaged meanwhile.
class Pictures final : public workloads::PictureSource {
 public:
  Pictures(workloads::Dataset data, const long& damaged)
      : data_(std::move(data)), damaged_(damaged) {}
  [[nodiscard]] workloads::Picture read(long index) const override {
    if (index == damaged_) throw Error("a damaged picture");
    workloads::Picture picture{data_.shape, {}};
    picture.pixels.resize(static_cast<std::size_t>(data_.shape.elements()));
    data_.read(index, picture.pixels);
    return picture;
  }
  [[nodiscard]] std::string name(long index) const override { return std::to_string(index); }
  [[nodiscard]] std::uint64_t file_bytes(long) const override { return 0; }

 private:
  workloads::Dataset data_;
  const long& damaged_;
};

class Trainer : public ::testing::Test {
 protected:
  Trainer() : network_(testing::tiny_network()) {
    network_.schedule.batch = kBatch;
    network_.schedule.epochs = kEpochs;
    data_.train = made_up(network_, kBatch * kStepsPerEpoch + 3, 1);
    data_.test = made_up(network_, 20, 2);
    options_.epochs = kEpochs;
    options_.engine = {kBatch, 1, 1};
    options_.checkpoint = [this](const RunProgress& progress, const TrainingState& state) {
      saved_.push_back({"memory", run_identity(network_, {}, data_, 1), progress, state});
    };
  }
  // Its pictures from now on come from a source; `damaged_` is the one that can not be read.
  void decode(workloads::Dataset& part) {
    part.source = std::make_shared<Pictures>(part, damaged_);
    part.pixels.clear();
  }
  TrainResult train(const Recipe& recipe) {
    saved_.clear();
    return model::train(network_, recipe, data_, options_);
  }
  // The run without an interruption, with a checkpoint after every step.
  TrainResult whole(const Recipe& recipe) {
    options_.checkpoint_every = 1;
    return train(recipe);
  }

  workloads::Network network_;
  workloads::Datasets data_;
  TrainOptions options_;
  std::vector<Checkpoint> saved_;
  long damaged_ = -1;
};

void expect_same(const TrainResult& a, const TrainResult& b) {
  EXPECT_EQ(a.hash, b.hash);
  EXPECT_EQ(a.finished, b.finished);
  EXPECT_EQ(a.saturations, b.saturations);
  EXPECT_EQ(a.dead_channels, b.dead_channels);
  ASSERT_EQ(a.epochs.size(), b.epochs.size());
  for (std::size_t i = 0; i < a.epochs.size(); ++i) {
    EXPECT_EQ(a.epochs[i].epoch, b.epochs[i].epoch);
    EXPECT_EQ(a.epochs[i].loss, b.epochs[i].loss);
    EXPECT_EQ(a.epochs[i].train_accuracy, b.epochs[i].train_accuracy);
    EXPECT_EQ(a.epochs[i].test_accuracy, b.epochs[i].test_accuracy);
    EXPECT_EQ(a.epochs[i].saturations, b.epochs[i].saturations);
    EXPECT_EQ(a.epochs[i].dead_channels, b.epochs[i].dead_channels);
  }
}

TEST_F(Trainer, ResumesAtEveryStepToTheSameBits) {
  Recipe delayed, stochastic, float32, batch_norm;
  delayed.delayed_ranges = true;
  stochastic.rounding.activation = Rounding::kStochastic;
  float32.float32 = batch_norm.float32 = true;
  batch_norm.norm = Recipe::Norm::kBatchNorm;
  for (const Recipe& recipe : {Recipe{}, delayed, stochastic, float32, batch_norm}) {
    options_.resume = nullptr;
    const TrainResult uninterrupted = whole(recipe);
    const std::vector<Checkpoint> saved = saved_;
    ASSERT_EQ(saved.size(), static_cast<std::size_t>(kEpochs * kStepsPerEpoch));
    for (const Checkpoint& checkpoint : saved) {
      // As a new process would read it.
      const Checkpoint read = parse_checkpoint(
          "a file", checkpoint_bytes(checkpoint.identity, checkpoint.progress, checkpoint.state));
      options_.resume = &read;
      expect_same(train(recipe), uninterrupted);
    }
  }
}

TEST_F(Trainer, CheckpointsAfterEachEpochAndEverySoManySteps) {
  static_cast<void>(train({}));
  ASSERT_EQ(saved_.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(saved_[i].progress.epochs.size(), i + 1);
    EXPECT_EQ(saved_[i].progress.step, 0);
    EXPECT_EQ(saved_[i].progress.loss_sum, 0.0);
  }
  EXPECT_TRUE(saved_[2].finished());
  options_.checkpoint_every = 4;  // of the run: steps 4, 8, 12 beside 5, 10 and 15
  static_cast<void>(train({}));
  std::vector<std::uint32_t> steps;
  for (const Checkpoint& checkpoint : saved_) steps.push_back(checkpoint.state.step);
  EXPECT_EQ(steps, (std::vector<std::uint32_t>{4, 5, 8, 10, 12, 15}));
}

TEST_F(Trainer, StopsAfterAnyStepOrTestAndGoesOn) {
  options_.checkpoint_every = 0;
  const TrainResult uninterrupted = train({});
  for (int asked = 1;; ++asked) {  // told to stop the asked-th time that the run asks
    int count = 0;
    options_.resume = nullptr;
    options_.stop = [&] { return ++count >= asked; };
    const TrainResult stopped = train({});
    if (stopped.finished) {
      EXPECT_GT(asked, kEpochs * kStepsPerEpoch);
      break;
    }
    ASSERT_FALSE(saved_.empty());
    const Checkpoint last = saved_.back();
    EXPECT_EQ(last.progress.epochs.size(), stopped.epochs.size());
    EXPECT_EQ(last.progress.step, stopped.steps_in_epoch);
    EXPECT_EQ(state_hash(last.state), stopped.hash);
    options_.stop = nullptr;
    options_.resume = &last;
    expect_same(train({}), uninterrupted);
  }
}

TEST_F(Trainer, AnErrorInATestKeepsTheEpoch) {
  decode(data_.test);
  const TrainResult uninterrupted = train({});
  damaged_ = 19;
  for (const bool replaces : {false, true}) {
    options_.replaces_another = replaces;
    options_.resume = nullptr;
    EXPECT_THROW((void)train({}), Error);
    ASSERT_EQ(saved_.size(), 1U);
    EXPECT_EQ(saved_[0].progress.epochs.size(), 0U);
    EXPECT_EQ(saved_[0].progress.step, kStepsPerEpoch);
  }
  const Checkpoint last = saved_.back();
  options_.resume = &last;
  damaged_ = -1;
  expect_same(train({}), uninterrupted);
}

TEST_F(Trainer, AnErrorInAnEpochKeepsItsSteps) {
  decode(data_.train);
  const TrainResult uninterrupted = train({});
  damaged_ = shuffled(data_.train.images(), 1, 0)[2 * kBatch];  // of the third batch
  options_.replaces_another = true;  // two steps are not worth another run's checkpoint
  EXPECT_THROW((void)train({}), Error);
  EXPECT_TRUE(saved_.empty());
  options_.replaces_another = false;
  EXPECT_THROW((void)train({}), Error);
  ASSERT_EQ(saved_.size(), 1U);
  EXPECT_EQ(saved_[0].progress.step, 2);
  const Checkpoint last = saved_.back();
  options_.resume = &last;
  damaged_ = -1;
  expect_same(train({}), uninterrupted);
}

TEST_F(Trainer, AnErrorOfWhoLooksAtTheLastStepLeavesItToBeRepeated) {
  options_.last_step = [](Engine&) { throw Error("a full disk"); };
  EXPECT_THROW((void)train({}), Error);
  ASSERT_EQ(saved_.size(), 2U);
  EXPECT_EQ(saved_[1].progress.epochs.size(), 2U);
  EXPECT_EQ(saved_[1].progress.step, 0);
}

TEST_F(Trainer, ACheckpointThatCanNotBeWrittenIsTheErrorToTell) {
  int tries = 0;
  options_.checkpoint = [&](const RunProgress&, const TrainingState&) {
    throw Error(tries++ == 0 ? "the first error" : "another");
  };
  try {
    (void)train({});
    ADD_FAILURE() << "no error";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the first error");
  }
}

TEST_F(Trainer, AFinishedRunReportsAgain) {
  const TrainResult first = train({});
  const Checkpoint last = saved_.back();
  options_.resume = &last;
  options_.last_step = [](Engine&) { FAIL() << "no step is left"; };
  const TrainResult again = train({});
  expect_same(again, first);
  EXPECT_EQ(again.seconds, first.seconds);
  EXPECT_TRUE(saved_.empty());
}

TEST_F(Trainer, NewsCountSteps) {
  std::vector<std::pair<int, std::int64_t>> seen;
  options_.progress = [&](const TrainingNews& news) {
    seen.emplace_back(news.epoch, news.step);
    EXPECT_EQ(news.steps, kStepsPerEpoch);
    EXPECT_GT(news.images_per_second, 0.0);
    EXPECT_GT(news.seconds_left, 0.0);  // the test at least
  };
  options_.epoch_done = [&](const EpochResult& epoch, const TrainingNews& news) {
    EXPECT_EQ(news.epoch, epoch.epoch + 1);
    EXPECT_EQ(news.step, 0);
    EXPECT_EQ(news.seconds_left == 0.0, epoch.epoch == kEpochs);
  };
  static_cast<void>(train({}));
  EXPECT_EQ(seen, (std::vector<std::pair<int, std::int64_t>>{{1, 5}, {2, 5}, {3, 5}}));
}

TEST_F(Trainer, RefusesACheckpointOfOtherTensors) {
  static_cast<void>(train({}));
  Checkpoint other = saved_.front();
  other.state.nodes.back().weight.push_back(0.0F);
  options_.resume = &other;
  EXPECT_THROW(static_cast<void>(train({})), Error);
}

}  // namespace
}  // namespace octet::model
