#pragma once
#include "sim/program/program.hpp"

namespace octet::sim {

// What one lane of an element unit holds so that it does one element a cycle of any command of its
// unit: the most of each operation that an element takes, by the table of operations (work_of). A
// fraction is a share of what several lanes use in turn: one generator of random bits for four.
struct LaneParts {
  double multipliers = 0.0, adders = 0.0;  // int32
  double fp_multipliers = 0.0, fp_adders = 0.0;
};
// `unit` is vector, Range BN or update; `floating`: of a machine that trains in floats. Scalar
// commands of a channel are not a lane's: they take their time one after the other.
[[nodiscard]] LaneParts lane_parts(Unit unit, bool floating);

}  // namespace octet::sim
