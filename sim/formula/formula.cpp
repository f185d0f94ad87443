#include "sim/formula/formula.hpp"

#include <algorithm>

#include "sim/formula/stage_costs.hpp"
#include "sim/formula/stage_emitter.hpp"

namespace octet::sim {

StepFormula::StepFormula(const LowerOn& lower, const Hardware& like) {
  Hardware ample = like;
  for (Scratchpad* pad : {&ample.activation, &ample.weight, &ample.accumulator})
    pad->bytes = std::int64_t{1} << 50;
  Program program;
  MappingCache mappings(ample, MappingStrategy::kRuleOfThumb);
  StageEmitter emitter(program, outline_);
  lower(ample, mappings, program, emitter);
  outline_.layers = program.layers;
  outline_.float32 = program.float32;
  outline_.batch = program.batch;
}

std::optional<std::vector<Mapping>> StepFormula::map(MappingCache& mappings) const {
  std::vector<Mapping> found;
  for (const Stage& stage : outline_.stages) {
    if (!stage.product) continue;
    const auto& mapping = mappings.find(*stage.product, stage.drain);
    if (!mapping) return std::nullopt;
    found.push_back(mapping->mapping);
  }
  return found;
}

StepCosts StepFormula::costs(const Hardware& hardware, const std::vector<Mapping>& mappings,
                             std::vector<double>* by_stage) const {
  const StageCosts costs(hardware, outline_);
  StepCosts sum;
  std::vector<double> ends;
  ends.reserve(outline_.stages.size());
  const auto after = [&](const std::vector<std::int32_t>& stages) {
    double end = 0.0;
    for (const std::int32_t s : stages) end = std::max(end, ends[static_cast<std::size_t>(s)]);
    return end;
  };
  double loads_free = 0.0;
  std::array<double, kUnits> free{};
  constexpr auto kMac = static_cast<std::size_t>(Unit::kMacArray);
  const Mapping* mapping = mappings.data();
  for (const Stage& stage : outline_.stages) {
    const StageCosts::Times times = costs.add(stage, stage.product ? mapping++ : nullptr, sum);
    double begin = std::max(after(stage.loads_after) - times.free, after(stage.ops_after) - times.first);
    if (times.loads) {
      begin = std::max(begin, loads_free);
      loads_free = begin + times.loaded;
    }
    // Units take what they have to do in its order.
    double end_of_stage = begin + times.end;
    for (std::size_t u = 0; u < free.size(); ++u) {
      if (times.busy[u] == 0.0) continue;
      const double last = u == kMac ? times.last : 0.0;
      end_of_stage = std::max(end_of_stage, free[u] + times.busy[u] + last);
      free[u] = end_of_stage - last;
    }
    ends.push_back(end_of_stage);
    const double end = std::max(sum.cycles, ends.back());
    if (by_stage != nullptr) by_stage->push_back(end - sum.cycles);
    sum.cycles = end;
  }
  // What is counted by the cycles of the step.
  const auto count = [&](Activity activity, double n) {
    sum.activity[static_cast<std::size_t>(activity)] += n;
  };
  const Dram& dram = hardware.dram;
  if (dram.t.refi > 0) {
    const double interval = static_cast<double>(dram.t.refi) * static_cast<double>(hardware.clock_hz) / static_cast<double>(dram.clock_hz);
    const double refreshes = sum.cycles / interval;
    count(Activity::kDramRefresh, refreshes * dram.channels * dram.ranks);
  }
  for (const Activity each :
       {Activity::kDramStandby, Activity::kLeakArray, Activity::kLeakUnits, Activity::kLeakActivation,
        Activity::kLeakWeight, Activity::kLeakAccumulator})
    count(each, sum.cycles);
  return sum;
}

}  // namespace octet::sim
