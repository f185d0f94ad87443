#pragma once
#include <string>

#include "model/trainer/trainer.hpp"

namespace octet::app {

// What `octet train` says while it runs.

// Seconds as h:mm:ss, rounded to the nearest.
[[nodiscard]] std::string clock_text(double seconds);
// How many channels the norm layers have: what a step's dead channels are a share of.
[[nodiscard]] long norm_channels(const workloads::Network& network);
// Elements of the outputs of all layers but the loss, for one image: what an image's saturated
// values are counted against.
[[nodiscard]] long output_elements(const workloads::Network& network);

// One line, drawn anew on a terminal; it is wiped at the end of an epoch. Where a run ends inside
// of one, the line is ended, so that what is said next has a line of its own.
class ProgressBar {
 public:
  ProgressBar() = default;
  ~ProgressBar() { end(); }
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  void show(const model::TrainingNews& news, int epochs);
  void end();

 private:
  bool drawn_ = false;
};
// The line of a finished epoch, and below it what went notably wrong in it: saturated values above
// 0.1 % of the elements of the layers' outputs, dead channels above 1 % of its channel-steps.
void print_epoch(const model::EpochResult& epoch, const model::TrainingNews& news,
                 const workloads::Network& network);

}  // namespace octet::app
