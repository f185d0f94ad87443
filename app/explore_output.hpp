#pragma once
#include <string>
#include <vector>

#include "sim/explore/outcome.hpp"
#include "sim/explore/sweep.hpp"

namespace octet::app {

// "array.rows=16 array.cols=16; bits.gradient=4": what a point sets over its files.
[[nodiscard]] std::string settings_text(const sim::explore::Point& point);

// Writes points.csv, pareto.svg and explore.json into `folder` and prints the fronts: one for each
// network, of time and energy an image and, if every point has it, area. False if no point is good.
[[nodiscard]] bool write_exploration(const sim::explore::Sweep& sweep,
                                     const std::vector<sim::explore::Outcome>& outcomes,
                                     const std::string& folder, const std::string& command_line);

}  // namespace octet::app
