#pragma once
#include <string>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/energy/table.hpp"

namespace octet::sim {

// A sentence for each scratchpad whose bank, as the table's macros make it, takes longer from one
// access to the next than the machine's clock; the timing lets every bank have one a cycle. Nothing
// of a table whose points have no cycle times.
[[nodiscard]] std::vector<std::string> slow_banks(const EnergyTable& table,
                                                  const Hardware& hardware);

}  // namespace octet::sim
