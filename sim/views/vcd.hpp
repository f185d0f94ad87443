#pragma once
#include <string>

#include "sim/views/selection.hpp"

namespace octet::sim {

// The selected commands as a value change dump (IEEE 1364), in picoseconds. Each unit is a scope:
// `busy` (1 while a command runs), `queue` (commands that wait for the unit alone: all that they
// depend on has finished), `layer` (the number of the layer at work, x when idle). Scope dram:
// `busy` (a transfer is under way), `read` and `written` (bytes a cycle, the mean of the transfer
// at work).
[[nodiscard]] std::string value_change_dump(const Selection& selection);

}  // namespace octet::sim
