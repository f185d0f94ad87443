#pragma once
#include <vector>

#include "sim/baselines.hpp"

namespace octet::app {

// What 8 bits buy: one line a datapath, float over integer in the last columns.
void print_baselines(const std::vector<sim::Baseline>& baselines);

}  // namespace octet::app
