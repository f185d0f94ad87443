#pragma once
#include <functional>
#include <vector>

#include "sim/explore/outcome.hpp"

namespace octet::sim::explore {

// Evaluates the points `todo` in `jobs` processes (a machine needs a process of its own: SystemC
// holds its state in globals) and hands each outcome, as it comes, to `done` in this one. Returns
// the points whose process died (killed for its memory, say): they have no outcome. `evaluate` may
// throw octet::Error, which becomes the outcome's error. Must be called while the process has one
// thread. Throws octet::Error where the system gives no process or pipe.
[[nodiscard]] std::vector<std::int64_t> run_points(
    const std::vector<std::int64_t>& todo, int jobs,
    const std::function<Outcome(std::int64_t)>& evaluate,
    const std::function<void(std::int64_t, const Outcome&)>& done);

}  // namespace octet::sim::explore
