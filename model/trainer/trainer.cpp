#include "model/trainer/trainer.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "model/trainer/loader.hpp"
#include "model/trainer/speed.hpp"

namespace octet::model {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// One run from its first step, or from a checkpoint, to its end or until it is told to stop.
class TrainingRun {
 public:
  TrainingRun(const workloads::Network& network, const Recipe& recipe,
              const workloads::Datasets& data, const TrainOptions& options);
  TrainResult run();

 private:
  // Each returns false where the run was told to stop; at_ then says where it stands.
  bool train_epoch();
  bool test_epoch();
  void train_step();
  // Share of the test images that the network gets right; nothing where it was told to stop.
  std::optional<double> test_accuracy();

  [[nodiscard]] std::int64_t epochs_done() const {
    return static_cast<std::int64_t>(at_.epochs.size());
  }
  [[nodiscard]] std::int64_t steps_done() const {
    return epochs_done() * steps_per_epoch_ + at_.step;
  }
  [[nodiscard]] double images(std::int64_t steps) const {
    return static_cast<double>(steps * options_.engine.batch);
  }
  [[nodiscard]] TrainingNews news() const;
  [[nodiscard]] TrainResult result();
  [[nodiscard]] bool told_to_stop() const { return options_.stop && options_.stop(); }
  void save() {
    if (options_.checkpoint) options_.checkpoint(at_, engine_->state());
    saved_ = true;
  }
  void save_what_is_sound();

  const workloads::Schedule& schedule_;
  const TrainOptions& options_;
  BatchLoader loader_;
  TestLoader test_loader_;
  long test_images_, steps_per_epoch_, steps_;
  std::unique_ptr<Engine> engine_;
  RunProgress at_;
  bool sound_ = true;   // at_ and the engine stand between two steps, and no onlooker has failed
  bool saved_ = false;  // or gone on from a checkpoint
  Speed speed_;
};

TrainingRun::TrainingRun(const workloads::Network& network, const Recipe& recipe,
                         const workloads::Datasets& data, const TrainOptions& options)
    : schedule_(network.schedule),
      options_(options),
      loader_(data.train, network.dataset, options.engine.batch, options.engine.seed,
              options.engine.threads),
      test_loader_(data.test, options.engine.batch, options.engine.threads),
      test_images_(data.test.images()),
      steps_per_epoch_(loader_.steps()),
      steps_(steps_per_epoch_ * options.epochs),
      engine_(make_engine(network, recipe, options.engine)),
      speed_(static_cast<double>(test_images_)) {
  if (options.resume == nullptr) return;
  check_fits(*options.resume, engine_->state(), steps_per_epoch_);
  saved_ = true;
  at_ = options.resume->progress;
  engine_->state() = options.resume->state;
}

TrainResult TrainingRun::run() {
  try {
    while (epochs_done() < options_.epochs) {
      if (train_epoch() && test_epoch()) continue;
      save();
      break;
    }
  } catch (...) {
    save_what_is_sound();
    throw;
  }
  return result();
}

// Before an error ends the run: hours of an epoch are not lost to the last picture of its test.
void TrainingRun::save_what_is_sound() {
  const bool worth_it = at_.step == steps_per_epoch_ || saved_ || !options_.replaces_another;
  if (!sound_ || steps_done() == 0 || !worth_it) return;
  try {
    save();
  } catch (...) {  // a full disk, say: the first error is the one to tell
    return;
  }
}

bool TrainingRun::train_epoch() {
  while (at_.step < steps_per_epoch_) {
    train_step();
    const bool ended = at_.step == steps_per_epoch_;
    if (options_.progress && (at_.step % 10 == 0 || ended)) options_.progress(news());
    if (options_.last_step && steps_done() == steps_) {
      sound_ = false;  // who goes on behind the last step could not look at it again
      options_.last_step(*engine_);
      sound_ = true;
    }
    if (told_to_stop()) return false;
    if (!ended && options_.checkpoint_every > 0 && steps_done() % options_.checkpoint_every == 0)
      save();
  }
  return true;
}

void TrainingRun::train_step() {
  const Clock::time_point start = Clock::now();
  const BatchLoader::Batch batch =
      loader_.load(static_cast<std::uint32_t>(epochs_done()), static_cast<long>(at_.step));
  const SgdRates rates{learning_rate(schedule_, steps_done(), steps_, steps_per_epoch_),
                       schedule_.momentum, schedule_.weight_decay, schedule_.nesterov};
  sound_ = false;
  const StepResult done = engine_->train_step(batch.pixels, batch.labels, rates);
  at_.loss_sum += done.loss_sum;
  at_.correct += done.correct;
  at_.saturations += done.saturated;
  at_.dead_channels += done.dead_channels;
  ++at_.step;
  sound_ = true;
  const double seconds = seconds_since(start);
  at_.seconds += seconds;
  speed_.trained(images(1), seconds);
}

bool TrainingRun::test_epoch() {
  const Clock::time_point start = Clock::now();
  const std::optional<double> accuracy = test_accuracy();
  if (!accuracy) return false;
  speed_.tested(seconds_since(start));

  const double seen = images(steps_per_epoch_);
  EpochResult done;
  done.epoch = static_cast<int>(epochs_done()) + 1;
  done.loss = at_.loss_sum / seen;
  done.train_accuracy = static_cast<double>(at_.correct) / seen;
  done.test_accuracy = *accuracy;
  done.seconds = at_.seconds;
  done.images_per_second = seen / at_.seconds;
  done.saturations = at_.saturations;
  done.dead_channels = at_.dead_channels;
  sound_ = false;
  std::vector<EpochResult> epochs = std::exchange(at_, {}).epochs;
  epochs.push_back(done);
  at_.epochs = std::move(epochs);
  sound_ = true;
  save();
  if (options_.epoch_done) options_.epoch_done(done, news());
  return true;
}

std::optional<double> TrainingRun::test_accuracy() {
  std::int64_t correct = 0;
  for (long step = 0; step < test_loader_.steps(); ++step) {
    if (told_to_stop()) return std::nullopt;
    const BatchLoader::Batch batch = test_loader_.load(step);
    correct += engine_->evaluate(batch.pixels, batch.labels).correct;
  }
  return static_cast<double>(correct) / static_cast<double>(test_images_);
}

TrainingNews TrainingRun::news() const {
  TrainingNews news;
  news.epoch = static_cast<int>(epochs_done()) + 1;
  news.step = at_.step;
  news.steps = steps_per_epoch_;
  news.images_per_second = at_.step > 0 ? images(at_.step) / at_.seconds : 0.0;
  news.seconds_left = speed_.seconds_left(images(steps_ - steps_done()),
                                          static_cast<double>(options_.epochs - epochs_done()));
  return news;
}

TrainResult TrainingRun::result() {
  TrainResult result;
  result.epochs = at_.epochs;
  result.finished = epochs_done() == options_.epochs;
  result.seconds = at_.seconds;
  result.saturations = at_.saturations;
  result.dead_channels = at_.dead_channels;
  for (const EpochResult& epoch : at_.epochs) {
    result.seconds += epoch.seconds;
    result.saturations += epoch.saturations;
    result.dead_channels += epoch.dead_channels;
  }
  result.steps_in_epoch = at_.step;
  result.images_per_second = images(steps_done()) / result.seconds;
  result.hash = state_hash(engine_->state());
  return result;
}

}  // namespace

TrainResult train(const workloads::Network& network, const Recipe& recipe,
                  const workloads::Datasets& data, const TrainOptions& options) {
  return TrainingRun(network, recipe, data, options).run();
}

}  // namespace octet::model
