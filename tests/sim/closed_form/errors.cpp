// closed_form_errors [SEED [PAIRS]]: how far quick closed forms are from the machine.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "sim/closed_form/outline_emitter.hpp"
#include "sim/closed_form/quick_schedule.hpp"
#include "sim/closed_form/totals.hpp"
#include "sim/estimate.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/closed_form/random_pairs.hpp"

using namespace octet::sim;
TEST(Quick, Errors) {
  const char* sd = std::getenv("SEED");
  const char* pr = std::getenv("PAIRS");
  RandomPairs pairs(sd ? static_cast<unsigned>(std::atoi(sd)) : 20261125U);
  const int count = pr ? std::atoi(pr) : 500;
  std::vector<double> errors;
  int inexact = 0, differ = 0;
  for (int i = 0; i < count; ++i) {
    const auto network = pairs.network();
    const auto recipe = pairs.recipe();
    const Hardware hw = machine_for(recipe, pairs.machine());
    const int batch = pairs.batch();
    const Program program = lower(network, recipe, hw, batch);
    const StepStats machine = run_machine(program, hw).stats;
    MappingCache mappings(hw, MappingStrategy::kSearch);
    Program tensors;
    Keep keep; if (std::getenv("KEEP")) { long b,g,w,a; std::sscanf(std::getenv("KEEP"), "%ld,%ld,%ld,%ld", &b,&g,&w,&a); keep={b,g,w,a}; }
    OutlineEmitter emitter(tensors, hw, keep);
    lower_to(network, recipe, hw, batch, false, mappings, tensors, emitter);
    StepStats quick(static_cast<int>(program.layers.size()), kPhases, kStatUnits, kTensorKinds,
                    kPads);
    emitter.add_counts(quick);
    TransferRates rates(hw.dram, hw.clock_hz, hw.dma_in_flight);
    const Schedule schedule = std::getenv("REAL") ? schedule_of(emitter.outline(), hw) : quick_schedule_of(emitter.outline(), rates);
    add_cycles(emitter.outline(), schedule, quick);
    if (!emitter.exact()) ++inexact;
    if (quick.commands != machine.commands || quick.total().dram_bytes != machine.total().dram_bytes || quick.total().activity[15]!=machine.total().activity[15]) {
      ++differ;
      std::printf("DIFFER %d: commands %lld %lld bytes %lld %lld\n", i, (long long)quick.commands, (long long)machine.commands, (long long)quick.total().dram_bytes, (long long)machine.total().dram_bytes);
      for (int l = 0; l < machine.layers(); ++l)
        for (int p = 0; p < machine.phases(); ++p)
          for (int u = 0; u < machine.units(); ++u) {
            const Counters &a = quick.at(l, p, u), &b = machine.at(l, p, u);
            if (a.activity != b.activity || a.dram_bytes != b.dram_bytes) std::printf("   layer %s phase %d unit %d bytes %lld %lld macs %lld %lld\n", program.layers[l].name.c_str(), p, u, (long long)a.dram_bytes, (long long)b.dram_bytes, (long long)a.macs, (long long)b.macs);
          }
      for (auto& m : program.mappings) std::printf("   map %s ph %d images %lld rows %lld width %lld groups %lld cols %lld depth %lld sliced %lld po %lld\n", program.layers[m.layer].name.c_str(), (int)m.phase, (long long)m.images, (long long)m.rows, (long long)m.width, (long long)m.groups, (long long)m.columns,(long long) m.depth, (long long)m.sliced, (long long)m.pixels_outer);
    }
    const double error = 100.0 * (double(quick.cycles) / double(machine.cycles) - 1);
    errors.push_back(std::abs(error));
    std::printf("pair %d %s x %d %s: commands %lld kept %zu, cycles %lld, machine %lld, error %.3f%s\n", i,
                hw.dram.kind.c_str(), hw.dram.channels, recipe.name.c_str(),
                (long long)machine.commands, emitter.outline().steps.size(), (long long)quick.cycles,
                (long long)machine.cycles, error, emitter.exact() ? "" : " INEXACT");
  }
  std::sort(errors.begin(), errors.end());
  double sum = 0;
  for (double e : errors) sum += e;
  std::printf("mean %.4f 95%% %.3f 99%% %.3f worst %.3f; inexact %d, counts differ %d\n", sum / errors.size(),
              errors[errors.size() * 95 / 100], errors[errors.size() * 99 / 100], errors.back(), inexact, differ);
}
