#include "bench/measure.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "model/quant/random_bits.hpp"
#include "model/trainer/engine.hpp"

namespace octet::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Memory is taken, pages touched, oneDNN's code generated: so many steps, or this long.
constexpr int kWarmUpSteps = 3;
constexpr double kWarmUpSeconds = 1.0;
// The last streams there are: no node has them.
constexpr std::uint32_t kPixelStream = 65534;
constexpr std::uint32_t kLabelStream = 65535;

// The seconds of each measured step of a new engine; stops after `steps`, or, with 0, once they
// add up to `seconds`.
std::vector<double> run_steps(const workloads::Network& network, const model::Recipe& recipe,
                              const MeasureOptions& options, model::StepClock* clock) {
  model::EngineOptions with;
  with.batch = options.batch;
  with.threads = options.threads;
  with.clock = clock;
  const auto engine = model::make_engine(network, recipe, with);
  // A small rate: random labels teach nothing, and the weights must stay as they would in training.
  const model::SgdRates rates{0.01F, network.schedule.momentum, network.schedule.weight_decay,
                              network.schedule.nesterov};
  const auto images = static_cast<std::size_t>(options.batch);
  std::vector<std::uint8_t> pixels(images *
                                   static_cast<std::size_t>(network.input().out.elements()));
  std::vector<std::uint16_t> labels(images);
  std::uint32_t step = 0;
  const auto timed_step = [&] {
    synthetic_batch(network, step++, pixels, labels);
    const Clock::time_point start = Clock::now();
    engine->train_step(pixels, labels, rates);
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  double warm = 0.0;
  for (int i = 0; i < kWarmUpSteps && warm < kWarmUpSeconds; ++i) warm += timed_step();
  if (clock != nullptr) clock->clear();
  std::vector<double> each;
  double sum = 0.0;
  do {
    each.push_back(timed_step());
    sum += each.back();
  } while (options.steps > 0 ? each.size() < static_cast<std::size_t>(options.steps)
                             : sum < options.seconds);
  return each;
}

double quantile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(std::floor(at));
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

}  // namespace

Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return {values.front(), quantile(values, 0.25), quantile(values, 0.5), quantile(values, 0.75)};
}

void synthetic_batch(const workloads::Network& network, std::uint32_t step,
                     std::span<std::uint8_t> pixels, std::span<std::uint16_t> labels) {
  std::vector<std::uint16_t> bits(std::max((pixels.size() + 1) / 2, labels.size()));
  model::fill_random_bits({0, step, kPixelStream}, 0, bits.data(), (pixels.size() + 1) / 2);
  for (std::size_t i = 0; i < pixels.size(); ++i)
    pixels[i] = static_cast<std::uint8_t>(bits[i / 2] >> (8 * (i % 2)));
  model::fill_random_bits({0, step, kLabelStream}, 0, bits.data(), labels.size());
  for (std::size_t i = 0; i < labels.size(); ++i)
    labels[i] =
        static_cast<std::uint8_t>((bits[i] * static_cast<std::uint32_t>(network.classes)) >> 16);
}

Measurement measure_steps(const workloads::Network& network, const model::Recipe& recipe,
                          const MeasureOptions& options) {
  Measurement done;
  done.seconds = run_steps(network, recipe, options, nullptr);
  if (recipe.float32) return done;
  MeasureOptions again = options;
  again.steps = static_cast<int>((done.seconds.size() + 1) / 2);
  done.clocked_seconds = run_steps(network, recipe, again, &done.clock);
  if (done.clock.total() <= 0.0) done.clocked_seconds.clear();
  return done;
}

}  // namespace octet::bench
