#pragma once
#include "sim/closed_form/schedule.hpp"
#include "sim/closed_form/transfer_rates.hpp"

namespace octet::sim {

// When each step of an outline runs, as schedule_of() has it, but with transfers that take what
// TransferRates say, and refreshes as their share. Throws octet::Error: a dependency that never
// ends.
[[nodiscard]] Schedule schedule_by_rates(const Outline& outline, TransferRates& rates);

}  // namespace octet::sim
