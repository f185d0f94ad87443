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
#include "sim/program/lower_gemm.hpp"
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
    emitter.settle(schedule.intervals);
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
TEST(Quick, Products) {
  const unsigned seed = std::getenv("SEED") ? (unsigned)std::atoi(std::getenv("SEED")) : 20261125U;
  std::mt19937 random(seed);
  RandomPairs pairs(seed);
  for (int i = 0; i < 500; ++i) {
    const Hardware hw = pairs.machine();
    const auto size = [&] { return 1 + static_cast<std::int64_t>(random() % 1500); };
    GemmProblem problem{size(), size(), size(), GemmProblem::Operands::k8x8};
    if (random() % 2 == 0) problem.operands = GemmProblem::Operands::k8x16;
    if (hw.dram.kind == "nothing") continue;
    MappingCache mappings(hw, MappingStrategy::kSearch);
    TransferRates rates(hw.dram, hw.clock_hz, hw.dma_in_flight);
    std::int64_t cycles[4]; std::size_t kept[2];
    Program p;
    for (int v = 0; v < 2; ++v) {
      p = Program{};
      OutlineEmitter e(p, hw, v == 0 ? Keep{} : Keep{1 << 20, 1 << 20, 2, 2});
      lower_gemm_to(problem, hw, mappings, p, e);
      if (v == 1 && e.outline().steps.size() > 3000) { cycles[2] = cycles[3] = 0; continue; }
      kept[v] = e.outline().steps.size();
      for (int r = 0; r < 1 + v; ++r) {
        StepStats q(1, kPhases, kStatUnits, kTensorKinds, kPads);
        const Schedule s = r ? schedule_of(e.outline(), hw) : quick_schedule_of(e.outline(), rates);
        e.settle(s.intervals);
        add_cycles(e.outline(), s, q);
        cycles[2 * v + r] = q.cycles;
        if (std::getenv("ONLY") && std::atoi(std::getenv("ONLY")) == i && v == 0 && r == 0)
          for (size_t k = 0; k < e.outline().steps.size() && k < 80; ++k) std::printf("%zu %s w %lld %lld-%lld runs %lld x %lld\n", k, opcode_name(e.outline().steps[k].command->op), (long long)e.outline().steps[k].weight, (long long)s.intervals[k].start, (long long)s.intervals[k].end, (long long)e.outline().steps[k].command->runs, (long long)e.outline().steps[k].command->run_bytes);
      }
    }
    if (cycles[3] == 0) continue;
    const double err = 100.0 * (double(cycles[0]) / double(cycles[3]) - 1);
    if (std::abs(err) < 2) continue;
    auto& m = p.mappings[0];
    std::printf("product %d %s x %d %lldx%lldx%lld %d: kept %zu of %zu: quick %.2f real outline %.2f quick full %.2f  im %lld rows %lld cols %lld depth %lld sliced %lld po %lld df %d pad %lld %lld %lld clock %lld array %d %d\n", i, hw.dram.kind.c_str(), hw.dram.channels, (long long)problem.m, (long long)problem.n, (long long)problem.k, (int)problem.operands, kept[0], kept[1], err, 100.0 * (double(cycles[1]) / double(cycles[3]) - 1), 100.0 * (double(cycles[2]) / double(cycles[3]) - 1), (long long)m.images, (long long)m.rows, (long long)m.columns, (long long)m.depth, (long long)m.sliced, (long long)m.pixels_outer, (int)m.dataflow, (long long)hw.activation.bytes, (long long)hw.weight.bytes, (long long)hw.accumulator.bytes, (long long)hw.clock_hz, hw.rows, hw.cols);
  }
}
