#pragma once
#include <algorithm>
#include <cmath>
#include <iostream>

#include "sim/closed_form/closed_form.hpp"
#include "sim/estimate.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/closed_form/random_pairs.hpp"

namespace octet::sim {

// Everything that is counted: not cycles, and not what rows and refreshes do.
inline void expect_same_counts(const StepStats& closed, const StepStats& machine) {
  EXPECT_EQ(closed.commands, machine.commands);
  EXPECT_EQ(closed.live_bytes, machine.live_bytes);
  EXPECT_EQ(closed.dram.reads, machine.dram.reads);
  EXPECT_EQ(closed.dram.writes, machine.dram.writes);
  EXPECT_EQ(closed.unit_time[kDramUnit].busy, machine.unit_time[kDramUnit].busy);
  for (int l = 0; l < machine.layers(); ++l) {
    for (int p = 0; p < machine.phases(); ++p) {
      for (int u = 0; u < machine.units(); ++u) {
        const Counters& a = closed.at(l, p, u);
        const Counters& b = machine.at(l, p, u);
        ASSERT_EQ(a.dram_bytes, b.dram_bytes) << "layer " << l << " phase " << p << " unit " << u;
        ASSERT_EQ(a.sram_bytes, b.sram_bytes);
        ASSERT_EQ(a.macs, b.macs);
        ASSERT_EQ(a.port_cycles, b.port_cycles);
        ASSERT_EQ(a.activity, b.activity) << "layer " << l << " phase " << p << " unit " << u;
      }
    }
  }
  for (std::size_t k = 0; k < machine.traffic.size(); ++k) {
    EXPECT_EQ(closed.traffic[k].read, machine.traffic[k].read);
    EXPECT_EQ(closed.traffic[k].written, machine.traffic[k].written);
    EXPECT_EQ(closed.traffic[k].refetched, machine.traffic[k].refetched);
  }
}

// Errors in percent of the machine's.
class Errors {
 public:
  void add(std::int64_t found, std::int64_t machine, const std::string& which) {
    const double error = 100.0 * (static_cast<double>(found) / static_cast<double>(machine) - 1.0);
    if (errors_.empty() || std::abs(error) > worst()) which_ = which;
    errors_.push_back(std::abs(error));
    std::push_heap(errors_.begin(), errors_.end());
    sum_ += std::abs(error);
    signed_ += error;
  }
  [[nodiscard]] double worst() const { return errors_.front(); }
  [[nodiscard]] double mean() const { return sum_ / static_cast<double>(errors_.size()); }
  void print(const std::string& what) const {
    std::vector<double> sorted = errors_;
    std::sort(sorted.begin(), sorted.end());
    std::cout << what << ": mean " << mean() << " %, with sign "
              << signed_ / static_cast<double>(errors_.size()) << " %, 95th percentile "
              << sorted[sorted.size() * 95 / 100] << " %, worst " << worst() << " % (" << which_
              << ")\n";
  }

 private:
  std::vector<double> errors_;  // a heap
  double sum_ = 0.0, signed_ = 0.0;
  std::string which_;
};

inline std::string memory_of(const Hardware& hw) {
  return hw.dram.kind + " x " + std::to_string(hw.dram.channels) +
         (hw.dram.page == DramPage::kClosed ? " closed" : "") +
         (hw.dram.scheduler == DramScheduler::kFrFcfs ? " fr_fcfs" : "");
}

// A closed form of random steps against the machine: counts equal, and how near the cycles. It is
// told the machine's.
template <class ClosedForm>
Errors errors_of_random_pairs(int count, const ClosedForm& closed_form,
                              const std::vector<Scope>& scopes = {Scope::kStep}) {
  RandomPairs pairs(seed_of_test());
  Errors errors;
  for (int i = 0; i < count; ++i) {
    const auto network = pairs.network();
    const auto recipe = pairs.recipe();
    const Hardware hw = machine_for(recipe, pairs.machine());
    const int batch = pairs.batch();
    SCOPED_TRACE("pair " + std::to_string(i));
    const Scope scope = scopes[static_cast<std::size_t>(i) % scopes.size()];
    const StepStats machine =
        run_machine(lower(network, recipe, hw, batch, false, MappingStrategy::kSearch, scope), hw)
            .stats;
    MappingCache mappings(hw, MappingStrategy::kSearch);
    Program program;
    const StepStats closed = closed_form(
        [&](Program& to, Emitter& emitter) {
          lower_to(network, recipe, hw, batch, false, mappings, to, emitter, scope);
        },
        hw, program, machine.cycles);
    expect_same_counts(closed, machine);
    EXPECT_EQ(closed.total().cycles, closed.cycles);
    errors.add(closed.cycles, machine.cycles,
               "pair " + std::to_string(i) + ", " + memory_of(hw) + ", " + recipe.name + ", " +
                   std::to_string(machine.commands) + " commands");
    if (::testing::Test::HasFailure()) break;
  }
  errors.print("seed " + std::to_string(seed_of_test()) + ", " + std::to_string(count) +
               " steps, counts equal, cycles");
  return errors;
}

}  // namespace octet::sim
