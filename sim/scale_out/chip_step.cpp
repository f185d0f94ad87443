#include "sim/scale_out/chip_step.hpp"

#include <algorithm>

#include "sim/timing/owners.hpp"

namespace octet::sim::scale_out {

ChipStep chip_step(const Program& program, const std::vector<Interval>& intervals,
                   const Hardware& hardware, const std::vector<std::int64_t>& parameters) {
  const std::size_t layers = program.layers.size();
  // The last command that makes a gradient of the layer's parameters: its weight-gradient phase,
  // or, for a norm, its backward pass.
  std::vector<std::int64_t> weight_end(layers, -1), backward_end(layers, -1);
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const Command& c = program.commands[i];
    const auto l = static_cast<std::size_t>(c.layer);
    if (c.phase == Phase::kWeightGradient)
      weight_end[l] = std::max(weight_end[l], intervals[i].end);
    if (c.phase == Phase::kDataGradient)
      backward_end[l] = std::max(backward_end[l], intervals[i].end);
  }
  struct Mark {
    std::int64_t end;
    std::size_t layer;
  };
  std::vector<Mark> marks;
  for (std::size_t l = 0; l < layers; ++l) {
    if (parameters[l] == 0) continue;
    marks.push_back(
        {std::max<std::int64_t>(0, weight_end[l] >= 0 ? weight_end[l] : backward_end[l]), l});
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const Mark& a, const Mark& b) { return a.end < b.end; });
  // Cycles that updates own, by layer, and before each mark.
  std::vector<std::int64_t> update(layers, 0), before(marks.size(), 0);
  std::int64_t total = 0;
  std::int64_t updates = 0;
  std::size_t next = 0;
  for_each_owned(program, intervals,
                 [&](int owner, std::int64_t from, std::int64_t to, const Running&) {
                   const Command& c = program.commands[static_cast<std::size_t>(owner)];
                   const bool own = c.phase == Phase::kUpdate;
                   for (; next < marks.size() && marks[next].end <= to; ++next)
                     before[next] = updates + (own ? marks[next].end - from : 0);
                   if (own) update[static_cast<std::size_t>(c.layer)] += to - from;
                   if (own) updates += to - from;
                   total = to;
                 });
  const auto seconds = [&](std::int64_t cycles) {
    return static_cast<double>(cycles) / static_cast<double>(hardware.clock_hz);
  };
  ChipStep step{seconds(total), seconds(total - updates), {}};
  for (std::size_t i = 0; i < marks.size(); ++i) {
    const std::size_t l = marks[i].layer;
    step.buckets.push_back({program.layers[l].name, parameters[l],
                            seconds(marks[i].end - before[i]), seconds(update[l])});
  }
  return step;
}

}  // namespace octet::sim::scale_out
