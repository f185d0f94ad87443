#include "sim/explore/pareto.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

namespace octet::sim::explore {

bool all_have_area(const std::vector<Outcome>& outcomes) {
  return std::all_of(outcomes.begin(), outcomes.end(),
                     [](const Outcome& o) { return !o.ok || o.area_mm2.has_value(); });
}

std::vector<std::size_t> pareto_front(const std::vector<Outcome>& outcomes) {
  const bool area = all_have_area(outcomes);
  struct Goal {
    double time, energy, area;
    std::size_t place;
  };
  std::vector<Goal> goals;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const Outcome& o = outcomes[i];
    if (o.ok)
      goals.push_back({o.seconds_per_image(), o.joules_per_image(), area ? *o.area_mm2 : 0.0, i});
  }
  std::sort(goals.begin(), goals.end(), [](const Goal& a, const Goal& b) {
    return std::tuple(a.time, a.energy, a.area, a.place) <
           std::tuple(b.time, b.energy, b.area, b.place);
  });
  // In that order only an earlier one can beat a later one. The staircase holds, of those so far,
  // the smallest area for each energy: energies rise, areas fall.
  std::map<double, double> stairs;
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < goals.size(); ++i) {
    const Goal& g = goals[i];
    const bool equal = i > 0 && !front.empty() && front.back() == goals[i - 1].place &&
                       std::tuple(g.time, g.energy, g.area) ==
                           std::tuple(goals[i - 1].time, goals[i - 1].energy, goals[i - 1].area);
    if (!equal) {
      auto above = stairs.upper_bound(g.energy);
      const double best = above == stairs.begin() ? std::numeric_limits<double>::infinity()
                                                  : std::prev(above)->second;
      if (best <= g.area) continue;
      auto at = stairs.lower_bound(g.energy);
      while (at != stairs.end() && at->second >= g.area) at = stairs.erase(at);
      stairs[g.energy] = g.area;
    }
    front.push_back(g.place);
  }
  return front;
}

}  // namespace octet::sim::explore
