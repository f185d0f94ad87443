#include "model/trainer/trainer.hpp"

#include <chrono>

#include "model/trainer/loader.hpp"

namespace octet::model {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double test_accuracy(Engine& engine, const workloads::Dataset& test, TestLoader& loader) {
  std::int64_t correct = 0;
  for (long step = 0; step < loader.steps(); ++step) {
    const BatchLoader::Batch batch = loader.load(step);
    correct += engine.evaluate(batch.pixels, batch.labels).correct;
  }
  return static_cast<double>(correct) / static_cast<double>(test.images());
}

}  // namespace

TrainResult train(const workloads::Network& network, const Recipe& recipe,
                  const workloads::Datasets& data, const TrainOptions& options) {
  const int batch = options.engine.batch;
  BatchLoader loader(data.train, network.dataset, batch, options.engine.seed,
                     options.engine.threads);
  TestLoader test_loader(data.test, batch, options.engine.threads);
  const long steps_per_epoch = loader.steps();
  const std::unique_ptr<Engine> engine = make_engine(network, recipe, options.engine);
  const workloads::Schedule& schedule = network.schedule;
  const long steps = steps_per_epoch * options.epochs;

  TrainResult result;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const Clock::time_point start = Clock::now();
    double loss = 0.0;
    std::int64_t correct = 0;
    for (long step = 0; step < steps_per_epoch; ++step) {
      const BatchLoader::Batch images = loader.load(static_cast<std::uint32_t>(epoch), step);
      const SgdRates rates{
          learning_rate(schedule, epoch * steps_per_epoch + step, steps, steps_per_epoch),
          schedule.momentum, schedule.weight_decay, schedule.nesterov};
      const StepResult done = engine->train_step(images.pixels, images.labels, rates);
      loss += done.loss_sum;
      correct += done.correct;
      result.saturations += done.saturated;
      result.dead_channels += done.dead_channels;
      if (options.progress && (step % 10 == 9 || step + 1 == steps_per_epoch))
        options.progress(epoch + 1, step + 1, steps_per_epoch,
                         static_cast<double>((step + 1) * batch) / seconds_since(start));
    }
    if (options.last_step && epoch + 1 == options.epochs) options.last_step(*engine);
    const double seconds = seconds_since(start);
    const auto seen = static_cast<double>(steps_per_epoch * batch);
    result.seconds += seconds;
    result.epochs.push_back({epoch + 1, loss / seen, static_cast<double>(correct) / seen,
                             test_accuracy(*engine, data.test, test_loader), seconds,
                             seen / seconds});
    if (options.epoch_done) options.epoch_done(result.epochs.back());
  }
  result.images_per_second = static_cast<double>(steps * batch) / result.seconds;
  result.hash = state_hash(engine->state());
  return result;
}

}  // namespace octet::model
