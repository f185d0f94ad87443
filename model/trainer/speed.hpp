#pragma once
#include <optional>

namespace octet::model {

// Measures a process's training and tests, and foretells how long the rest of the run will take.
class Speed {
 public:
  explicit Speed(double test_images) : test_images_(test_images) {}
  // Adds training steps that took so many images and seconds.
  void trained(double images, double seconds) {
    images_ += images;
    seconds_ += seconds;
  }
  // The test at the end of an epoch took so long; the next is taken to be like the last.
  void tested(double seconds) { test_seconds_ = seconds; }
  // Seconds for so many more images to train on and tests; 0 before the first step.
  [[nodiscard]] double seconds_left(double images, double tests) const {
    if (images_ == 0.0) return 0.0;
    const double each = seconds_ / images_;
    // Before the first test: a forward pass is about a third of a step.
    return images * each + tests * test_seconds_.value_or(test_images_ * each / 3.0);
  }

 private:
  double test_images_;
  double images_ = 0.0, seconds_ = 0.0;
  std::optional<double> test_seconds_;
};

}  // namespace octet::model
