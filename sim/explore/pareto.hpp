#pragma once
#include <vector>

#include "sim/explore/outcome.hpp"

namespace octet::sim::explore {

// Places in `outcomes` of those that no other one beats: none is at most as large in each objective
// and smaller in one. Objectives: time an image, energy an image, and area if every good outcome
// has it. Outcomes that failed are on no front. In the order of time, then energy, then place; of
// equal ones all.
[[nodiscard]] std::vector<std::size_t> pareto_front(const std::vector<Outcome>& outcomes);
[[nodiscard]] bool all_have_area(const std::vector<Outcome>& outcomes);

}  // namespace octet::sim::explore
