#include "model/trainer/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "common/error.hpp"

namespace octet::model {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double test_accuracy(Engine& engine, const workloads::Dataset& test, int batch) {
  const auto image = static_cast<std::size_t>(test.shape.elements());
  std::int64_t correct = 0;
  for (std::size_t at = 0; at < test.labels.size(); at += static_cast<std::size_t>(batch)) {
    const std::size_t count = std::min(static_cast<std::size_t>(batch), test.labels.size() - at);
    correct += engine
                   .evaluate(std::span(test.pixels).subspan(at * image, count * image),
                             std::span(test.labels).subspan(at, count))
                   .correct;
  }
  return static_cast<double>(correct) / static_cast<double>(test.images());
}

}  // namespace

std::vector<std::int32_t> shuffled(std::int64_t images, std::uint32_t seed, std::uint32_t epoch) {
  std::vector<std::int32_t> order(static_cast<std::size_t>(images));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int32_t>(i);
  std::vector<std::uint16_t> bits(2 * order.size());
  fill_random_bits({seed, epoch, kShuffleStream}, 0, bits.data(), bits.size());
  for (std::size_t i = order.size() - 1; i > 0; --i) {
    const std::uint64_t word = bits[2 * i] | (std::uint64_t{bits[2 * i + 1]} << 16);
    std::swap(order[i], order[static_cast<std::size_t>((word * (i + 1)) >> 32)]);
  }
  return order;
}

TrainResult train(const workloads::Network& network, const Recipe& recipe,
                  const workloads::Datasets& data, const TrainOptions& options) {
  const int batch = options.engine.batch;
  const long steps_per_epoch = data.train.images() / batch;
  if (steps_per_epoch == 0)
    throw input_error("training data", "images", std::to_string(data.train.images()),
                      "at least one batch of " + std::to_string(batch));
  const std::unique_ptr<Engine> engine = make_engine(network, recipe, options.engine);
  const workloads::Schedule& schedule = network.schedule;
  const long steps = steps_per_epoch * options.epochs;
  const auto image = static_cast<std::size_t>(data.train.shape.elements());
  std::vector<std::uint8_t> pixels(image * static_cast<std::size_t>(batch));
  std::vector<std::uint16_t> labels(static_cast<std::size_t>(batch));

  TrainResult result;
  for (int epoch = 0; epoch < options.epochs; ++epoch) {
    const Clock::time_point start = Clock::now();
    const auto order =
        shuffled(data.train.images(), options.engine.seed, static_cast<std::uint32_t>(epoch));
    double loss = 0.0;
    std::int64_t correct = 0;
    for (long step = 0; step < steps_per_epoch; ++step) {
      for (std::size_t i = 0; i < labels.size(); ++i) {
        const auto from =
            static_cast<std::size_t>(order[static_cast<std::size_t>(step) * labels.size() + i]);
        labels[i] = data.train.labels[from];
        std::copy_n(data.train.pixels.begin() + static_cast<std::ptrdiff_t>(from * image), image,
                    pixels.begin() + static_cast<std::ptrdiff_t>(i * image));
      }
      const SgdRates rates{
          learning_rate(schedule, epoch * steps_per_epoch + step, steps, steps_per_epoch),
          schedule.momentum, schedule.weight_decay, schedule.nesterov};
      const StepResult done = engine->train_step(pixels, labels, rates);
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
                             test_accuracy(*engine, data.test, batch), seconds, seen / seconds});
    if (options.epoch_done) options.epoch_done(result.epochs.back());
  }
  result.images_per_second = static_cast<double>(steps * batch) / result.seconds;
  result.hash = state_hash(engine->state());
  return result;
}

}  // namespace octet::model
