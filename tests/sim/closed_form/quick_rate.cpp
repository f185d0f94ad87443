#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include "common/error.hpp"
#include "sim/closed_form/outline_emitter.hpp"
#include "sim/closed_form/quick_schedule.hpp"
#include "sim/closed_form/totals.hpp"
#include "sim/program/lower.hpp"
using namespace octet; using namespace octet::sim;
int main(int argc, char** argv) {
  const auto network = workloads::find_network(argc > 1 ? argv[1] : "resnet-18");
  const Hardware hw = find_hardware(argc > 2 ? argv[2] : "base");
  const int batch = argc > 3 ? std::atoi(argv[3]) : 16;
  const auto recipe = model::find_recipe("int8");
  MappingCache mappings(hw, MappingStrategy::kSearch);
  TransferRates rates(hw.dram, hw.clock_hz, hw.dma_in_flight);
  Keep keep; if (std::getenv("KEEP")) { long b,g,w,a; std::sscanf(std::getenv("KEEP"), "%ld,%ld,%ld,%ld", &b,&g,&w,&a); keep={b,g,w,a}; }
  for (int k = 0; k < 3; ++k) {
    std::clock_t t0 = std::clock();
    Program tensors; OutlineEmitter e(tensors, hw, keep);
    lower_to(network, recipe, hw, batch, false, mappings, tensors, e);
    std::clock_t t1 = std::clock();
    StepStats q(static_cast<int>(tensors.layers.size()), kPhases, kStatUnits, kTensorKinds, kPads);
    e.add_counts(q);
    std::clock_t t2 = std::clock();
    const Schedule s = std::getenv("REAL") ? schedule_of(e.outline(), hw) : quick_schedule_of(e.outline(), rates);
    e.settle(s.intervals);
    std::clock_t t3 = std::clock();
    add_cycles(e.outline(), s, q);
    std::clock_t t4 = std::clock();
    std::printf("kept %zu of %lld sorts %zu deps %zu lower %.3f counts %.3f schedule %.3f cycles %.3f ms: %lld\n", e.outline().steps.size(), (long long)q.commands, e.outline().copies.size(), e.outline().deps.size(), (t1-t0)/1e3,(t2-t1)/1e3,(t3-t2)/1e3,(t4-t3)/1e3,(long long)q.cycles);
    if (k == 2 && argc > 4) {
      std::map<std::pair<int,int>, int> by;
      for (auto& st : e.outline().steps) by[{st.command->layer, (int)st.command->phase}]++;
      for (auto& [a, n] : by) std::printf("%s %d: %d\n", tensors.layers[a.first].name.c_str(), a.second, n);
      for (auto& m : tensors.mappings) std::printf("   map %s ph %d df %d images %lld rows %lld width %lld groups %lld cols %lld depth %lld sliced %lld po %lld\n", tensors.layers[m.layer].name.c_str(), (int)m.phase, (int)m.dataflow,(long long)m.images, (long long)m.rows, (long long)m.width, (long long)m.groups, (long long)m.columns,(long long) m.depth, (long long)m.sliced, (long long)m.pixels_outer);
    }
  }
}
