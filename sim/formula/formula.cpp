#include "sim/formula/formula.hpp"

#include <algorithm>
#include <cmath>

#include "common/error.hpp"
#include "sim/energy/step_counts.hpp"
#include "sim/formula/stage_costs.hpp"
#include "sim/formula/stage_emitter.hpp"

namespace octet::sim {

Counters StepCosts::counters() const {
  Counters counters;
  counters.cycles = std::llround(cycles);
  counters.dram_bytes = std::llround(dram_bytes);
  counters.sram_bytes = std::llround(sram_bytes);
  counters.macs = std::llround(macs);
  for (std::size_t i = 0; i < activity.size(); ++i)
    counters.activity[i] = std::llround(activity[i]);
  return counters;
}

StepFormula::StepFormula(LowerOn lower, const Hardware& like) : lower_(std::move(lower)) {
  Hardware ample = like;
  for (Scratchpad* pad : {&ample.activation, &ample.weight, &ample.accumulator})
    pad->bytes = std::int64_t{1} << 50;
  Program program;
  MappingCache mappings(ample, MappingStrategy::kRuleOfThumb);
  StageEmitter emitter(program, outline_);
  lower_(ample, mappings, program, emitter);
  emitter.finish();
}

StepPlan StepFormula::plan(const Hardware& hardware, MappingCache& mappings) const {
  Program program;
  StepPlan plan;
  plan.reserve(outline_.stages.size());
  PlanEmitter emitter(plan);
  lower_(hardware, mappings, program, emitter);
  return plan;
}

namespace {

// When the stages run, one after the other as far as they wait for each other: a load waits for the
// loads before it, units take what they have to do in its order.
class Schedule {
 public:
  explicit Schedule(std::size_t stages) { ends_.reserve(stages); }
  // Returns when the stage ends.
  double add(const Stage& stage, const StageTimes& times) {
    double begin = std::max(after(stage.loads_after) - times.free_loads,
                            after(stage.ops_after) - times.first_loads);
    begin = std::max(begin, 0.0);
    if (times.loads) {
      begin = std::max(begin, loads_free_);
      loads_free_ = begin + times.loaded;
    }
    double end = begin + times.end;
    for (std::size_t u = 0; u < free_.size(); ++u) {
      if (times.busy[u] == 0.0) continue;
      // Products are drained when the array has gone on.
      const double last = u == static_cast<std::size_t>(Unit::kMacArray) ? times.last : 0.0;
      end = std::max(end, free_[u] + times.busy[u] + last);
      free_[u] = end - last;
    }
    ends_.push_back(end);
    return end;
  }

 private:
  [[nodiscard]] double after(const std::vector<std::int32_t>& stages) const {
    double end = 0.0;
    for (const std::int32_t s : stages) end = std::max(end, ends_[static_cast<std::size_t>(s)]);
    return end;
  }
  std::vector<double> ends_;
  std::array<double, kUnits + 1> free_{};
  double loads_free_ = 0.0;
};

}  // namespace

StepCosts StepFormula::costs(const Hardware& hardware, const StepPlan& plan,
                             std::vector<double>* by_stage) const {
  if (plan.size() != outline_.stages.size())
    throw Error("formula of a step: found a plan of " + std::to_string(plan.size()) +
                " stages, expected " + std::to_string(outline_.stages.size()));
  const StageCosts costs(hardware, outline_.float32);
  StepCosts sum;
  Schedule schedule(outline_.stages.size());
  for (std::size_t i = 0; i < outline_.stages.size(); ++i) {
    const Stage& stage = outline_.stages[i];
    const double end = std::max(sum.cycles, schedule.add(stage, costs.add(stage, plan[i], sum)));
    if (by_stage != nullptr) by_stage->push_back(end - sum.cycles);
    sum.cycles = end;
  }
  const std::array<double, kActivities> standing = standing_counts(sum.cycles, hardware);
  for (std::size_t i = 0; i < standing.size(); ++i) sum.activity[i] += standing[i];
  return sum;
}

}  // namespace octet::sim
