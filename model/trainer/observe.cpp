#include "model/trainer/observe.hpp"

#include <numeric>

namespace octet::model {

const char* step_part_name(StepPart part) {
  switch (part) {
    case StepPart::kForward:
      return "forward";
    case StepPart::kDataGradient:
      return "data gradient";
    case StepPart::kWeightGradient:
      return "weight gradient";
    case StepPart::kQuantise:
      return "quantise";
    case StepPart::kNorm:
      return "Range BN";
    case StepPart::kAdd:
      return "add";
    case StepPart::kOther:
      return "other";
    case StepPart::kUpdate:
      return "update";
  }
  return "?";
}

void StepClock::add(int node, StepPart part, double seconds) {
  const auto at = static_cast<std::size_t>(node) * kStepParts + static_cast<std::size_t>(part);
  if (at >= seconds_.size()) seconds_.resize((static_cast<std::size_t>(node) + 1) * kStepParts);
  seconds_[at] += seconds;
}

double StepClock::seconds(int node, StepPart part) const {
  const auto at = static_cast<std::size_t>(node) * kStepParts + static_cast<std::size_t>(part);
  return at < seconds_.size() ? seconds_[at] : 0.0;
}

double StepClock::total() const { return std::accumulate(seconds_.begin(), seconds_.end(), 0.0); }

}  // namespace octet::model
