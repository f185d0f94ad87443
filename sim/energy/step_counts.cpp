#include "sim/energy/step_counts.hpp"

namespace octet::sim {
namespace {

std::int64_t& activity(StepStats& stats, int layer, int phase, int unit, Activity what) {
  return stats.at(layer, phase, unit).activity[static_cast<std::size_t>(what)];
}

// `total` shared out by weight: each part ends where the running sum, rounded down, ends.
class Share {
 public:
  Share(std::int64_t total, std::int64_t weights) : total_(total), weights_(weights) {}
  std::int64_t next(std::int64_t weight) {
    if (weights_ == 0) return 0;
    sum_ += weight;
    // Counts and weights reach 2^50: their product needs more than 64 bits.
    __extension__ using Wide = unsigned __int128;
    const auto end = static_cast<std::int64_t>(static_cast<Wide>(total_) * static_cast<Wide>(sum_) /
                                               static_cast<Wide>(weights_));
    const std::int64_t part = end - given_;
    given_ = end;
    return part;
  }

 private:
  std::int64_t total_, weights_, sum_ = 0, given_ = 0;
};

}  // namespace

void give_out_step_counts(StepStats& stats, int dram, int standing) {
  const Counters total = stats.total();
  Share activates(stats.dram.activates, total.dram_bytes);
  Share refreshes(stats.dram.refreshes, total.cycles);
  for (int l = 0; l < stats.layers(); ++l) {
    for (int p = 0; p < stats.phases(); ++p) {
      const Counters here = stats.of_phase(l, p);
      activity(stats, l, p, dram, Activity::kDramActivate) += activates.next(here.dram_bytes);
      activity(stats, l, p, dram, Activity::kDramRefresh) += refreshes.next(here.cycles);
      activity(stats, l, p, dram, Activity::kDramStandby) += here.cycles;
      for (const Activity leak :
           {Activity::kLeakArray, Activity::kLeakUnits, Activity::kLeakActivation,
            Activity::kLeakWeight, Activity::kLeakAccumulator}) {
        activity(stats, l, p, standing, leak) += here.cycles;
      }
    }
  }
}

std::array<double, kActivities> standing_counts(double cycles, const Hardware& hw) {
  std::array<double, kActivities> counts{};
  const auto count = [&](Activity activity, double n) {
    counts[static_cast<std::size_t>(activity)] += n;
  };
  const Dram& dram = hw.dram;
  if (dram.t.refi > 0) {
    const double clocks =
        cycles * static_cast<double>(dram.clock_hz) / static_cast<double>(hw.clock_hz);
    count(Activity::kDramRefresh,
          clocks / static_cast<double>(dram.t.refi) * dram.channels * dram.ranks);
  }
  for (const Activity each :
       {Activity::kDramStandby, Activity::kLeakArray, Activity::kLeakUnits,
        Activity::kLeakActivation, Activity::kLeakWeight, Activity::kLeakAccumulator})
    count(each, cycles);
  return counts;
}

}  // namespace octet::sim
