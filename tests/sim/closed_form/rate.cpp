// closed_form_rate [NETWORK [HARDWARE [BATCH]]]: closed forms a second of processor time, one core.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "common/error.hpp"
#include "sim/closed_form/closed_form.hpp"
#include "sim/energy/energy.hpp"
#include "sim/energy/step_counts.hpp"
#include "sim/formula/formula.hpp"
#include "sim/mapping/search.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"

namespace {

using namespace octet;

double seconds(std::clock_t from) {
  return static_cast<double>(std::clock() - from) / CLOCKS_PER_SEC;
}

// The best of 3 seconds of processor time.
template <class Work>
double best_of(const Work& work) {
  double best = 1e9;
  const std::clock_t start = std::clock();
  while (seconds(start) < 3.0) {
    const std::clock_t one = std::clock();
    work();
    best = std::min(best, seconds(one));
  }
  return best;
}

void print(const char* what, double best, std::int64_t cycles, std::size_t layers) {
  std::printf("  %s %.3f ms, %.1f steps/s, %.0f layers/s, %lld cycles\n", what, 1e3 * best,
              1.0 / best, static_cast<double>(layers) / best, static_cast<long long>(cycles));
}

// By formula, from mappings and tiles to cycles, traffic and energy.
void print_formula(const octet::workloads::Network& network, const octet::model::Recipe& recipe,
                   const sim::Hardware& hw, int batch, const sim::EnergyPrices& prices) {
  const sim::StepFormula formula(
      [&](const sim::Hardware& on, sim::MappingCache& with, sim::Program& to,
          sim::Emitter& emitter) {
        sim::lower_to(network, recipe, on, batch, false, with, to, emitter);
      },
      hw);
  sim::MappingCache mappings(hw, sim::MappingStrategy::kSearch);
  sim::StepPlan plan = formula.plan(hw, mappings);
  const double planning = best_of([&] { plan = formula.plan(hw, mappings); });
  sim::StepCosts costs;
  double joules = 0.0;
  constexpr int kTimes = 100;
  const double best = best_of([&] {
    for (int i = 0; i < kTimes; ++i) {
      costs = formula.costs(hw, plan);
      joules += prices.joules(costs.counters()).typical;
    }
  });
  if (joules <= 0.0) return;
  print("by formula, plan given:", best / kTimes, std::llround(costs.cycles),
        formula.outline().layers.size());
  std::printf("  a plan, mappings given, %.3f ms\n", 1e3 * planning);
}

// Evaluations a second of what the search takes a layer's product for: cycles and traffic.
double cost_rate(const sim::Hardware& hw) {
  sim::Product p;  // a 3x3 convolution of 64 channels, 56 x 56, 64 images
  p.shape = {{56, 56, 3, 1, 1, 1}, {56, 56, 3, 1, 1, 1}, 64, 1, 64, 64};
  sim::Drain drain;
  drain.add_move(4);
  drain.add_pass(5);
  const auto found = sim::search_mapping(p, drain, hw);
  if (!found) return 0.0;
  constexpr int kTimes = 10000;
  double sum = 0.0;
  const double best = best_of([&] {
    for (int i = 0; i < kTimes; ++i) {
      p.shape.batch = 64 + i % 2;  // so that no call is taken out of the loop
      sum += sim::mapping_cost(p, drain, found->mapping, hw).cycles;
    }
  });
  return sum > 0.0 ? kTimes / best : 0.0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const auto network = workloads::find_network(argc > 1 ? argv[1] : "resnet-18");
    const sim::Hardware hw = sim::find_hardware(argc > 2 ? argv[2] : "base");
    const int batch = argc > 3 ? std::atoi(argv[3]) : 16;
    const auto recipe = model::find_recipe("int8");
    std::clock_t start = std::clock();
    const sim::Program program = sim::lower(network, recipe, hw, batch);
    const double lowering = seconds(start);
    const std::size_t layers = program.layers.size();
    std::printf("%s, %s, batch %d: %zu commands, lowering %.1f ms\n", network.name.c_str(),
                hw.name.c_str(), batch, program.commands.size(), 1e3 * lowering);
    std::int64_t cycles = 0;
    // From the network to cycles, traffic and energy; mappings and rates are kept, as in a sweep.
    sim::MappingCache mappings(hw, sim::MappingStrategy::kSearch);
    const double replay = best_of([&] {
      sim::Program names;
      cycles = sim::closed_form_replayed(
                   [&](sim::Program& to, sim::Emitter& emitter) {
                     sim::lower_to(network, recipe, hw, batch, false, mappings, to, emitter);
                   },
                   hw, names)
                   .cycles;
    });
    print("replay, mappings given:", replay, cycles, layers);
    sim::RatesCache rates;
    const sim::EnergyPrices prices(sim::energy_table_of(hw), hw);
    double joules = 0.0;
    const auto by_rates = [&] {
      sim::Program names;
      sim::StepStats stats = sim::closed_form_by_rates(
          [&](sim::Program& to, sim::Emitter& emitter) {
            sim::lower_to(network, recipe, hw, batch, false, mappings, to, emitter);
          },
          hw, rates, names, sim::Detail::kCosts);
      sim::give_out_step_counts(stats, sim::kDramUnit, sim::kStandingUnit);
      cycles = stats.cycles;
      joules = prices.joules(stats.total()).typical;
    };
    start = std::clock();
    by_rates();
    const double first = seconds(start);
    print("by rates, mappings given:", best_of(by_rates), cycles, layers);
    print_formula(network, recipe, hw, batch, prices);
    std::printf("  a mapping's cost alone: %.0f products/s\n", cost_rate(hw));
    std::printf("  the first time, with mappings and rates of the memory, %.1f ms; %.4f J\n",
                1e3 * first, joules);
  } catch (const Error& error) {
    std::fprintf(stderr, "closed_form_rate: %s\n", error.what());
    return error.exit_status();
  }
}
