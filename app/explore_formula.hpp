#pragma once
#include "app/step_options.hpp"
#include "sim/explore/outcome.hpp"

namespace octet::app {

// A point by the step's formula (docs/timing.md, By formula). Formulas are kept: `step` names the
// step apart from its machine. Throws octet::Error as an estimate does.
[[nodiscard]] sim::explore::Outcome evaluate_by_formula(const Step& resolved,
                                                        const std::string& step);

}  // namespace octet::app
