#pragma once
#include <string>

#include "sim/views/selection.hpp"

namespace octet::sim {

// The selected commands in the Trace Event Format that Perfetto and chrome://tracing read: one
// track a unit, a complete event a command with its layer, phase and sizes, and the DRAM's
// bandwidth (read, written, GB/s) as a counter. Times in microseconds with six digits.
[[nodiscard]] std::string chrome_trace(const Selection& selection);

}  // namespace octet::sim
