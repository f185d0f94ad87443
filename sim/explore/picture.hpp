#pragma once
#include <string>
#include <vector>

#include "sim/explore/outcome.hpp"

namespace octet::sim::explore {

// One panel of a picture: the outcomes of one network, and which of them are on the front.
struct Panel {
  std::string title;
  std::vector<Outcome> outcomes;
  std::vector<std::string> labels;  // of each outcome
  std::vector<std::size_t> front;   // places in outcomes, by time
};
// Time against energy an image, both logarithmic; the front in colour, joined where time and energy
// alone decide. SVG, one panel below the other. At most 20,000 points a panel are drawn besides the
// front.
[[nodiscard]] std::string pareto_picture(const std::vector<Panel>& panels);

}  // namespace octet::sim::explore
