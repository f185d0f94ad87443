#include "app/train_progress.hpp"

#include <fmt/core.h>

#include <cmath>

namespace octet::app {

std::string clock_text(double seconds) {
  const auto whole = static_cast<long>(std::llround(seconds));
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

long norm_channels(const workloads::Network& network) {
  long channels = 0;
  for (const workloads::Node& node : network.nodes)
    if (node.op == workloads::Op::kNorm) channels += node.out.channels;
  return channels;
}

long output_elements(const workloads::Network& network) {
  long elements = 0;
  for (const workloads::Node& node : network.nodes)
    if (node.op != workloads::Op::kInput && node.op != workloads::Op::kSoftmaxCrossEntropy)
      elements += node.out.elements();
  return elements;
}

void ProgressBar::show(const model::TrainingNews& news, int epochs) {
  constexpr std::int64_t kWidth = 30;
  const auto filled = static_cast<std::size_t>(kWidth * news.step / news.steps);
  fmt::print(stderr, "\r  epoch {}/{} [{:.<{}}] {:5.0f} images/s, {} left ", news.epoch, epochs,
             std::string(filled, '#'), kWidth, news.images_per_second,
             clock_text(news.seconds_left));
  drawn_ = news.step != news.steps;
  if (!drawn_) fmt::print(stderr, "\r{:78}\r", "");
}

void ProgressBar::end() {
  if (drawn_) std::fputc('\n', stderr);
  drawn_ = false;
}

void print_epoch(const model::EpochResult& epoch, const model::TrainingNews& news,
                 const workloads::Network& network) {
  fmt::print("  epoch {}: loss {:.4f}, train {:.2f} %, test {:.2f} %, {:.1f} s, {:.0f} images/s",
             epoch.epoch, epoch.loss, 100 * epoch.train_accuracy, 100 * epoch.test_accuracy,
             epoch.seconds, epoch.images_per_second);
  fmt::print("{}\n", news.epoch > network.schedule.epochs
                         ? ""
                         : fmt::format(", {} left", clock_text(news.seconds_left)));
  const auto steps = static_cast<double>(news.steps);
  const double values =
      steps * network.schedule.batch * static_cast<double>(output_elements(network));
  const double saturated = static_cast<double>(epoch.saturations) / values;
  if (saturated > 0.001)
    fmt::print("    {} values saturated, {:.2f} % of the layers' outputs\n", epoch.saturations,
               100 * saturated);
  const double channels = steps * static_cast<double>(norm_channels(network));
  const double dead = static_cast<double>(epoch.dead_channels);
  if (dead > 0.01 * channels)
    fmt::print("    {:.1f} of {} norm channels dead on average\n", dead / steps,
               norm_channels(network));
  std::fflush(stdout);
}

}  // namespace octet::app
