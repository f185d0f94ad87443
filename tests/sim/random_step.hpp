#pragma once
#include "sim/closed_form/closed_form.hpp"
#include "sim/estimate.hpp"
#include "sim/mapping/search.hpp"
#include "sim/program/lower.hpp"
#include "tests/sim/closed_form/random_pairs.hpp"

namespace octet::sim {

// A small random network with a batch and a recipe, and a random machine that can run it.
struct RandomStep {
  workloads::Network network;
  model::Recipe recipe;
  Hardware hardware;
  int batch = 1;

  explicit RandomStep(RandomPairs& pairs)
      : network(pairs.network()),
        recipe(pairs.recipe()),
        hardware(machine_for(recipe, pairs.machine())),
        batch(pairs.batch()) {}

  // Lowered for `mapped`, timed on `machine`, by the closed form: up to kWholeCommands commands it
  // is the machine cycle by cycle.
  [[nodiscard]] StepStats run(const Hardware& machine, const Hardware& mapped) const {
    MappingCache mappings(mapped, MappingStrategy::kSearch);
    Program program;
    return closed_form_replayed(
        [&](Program& to, Emitter& emitter) {
          lower_to(network, recipe, mapped, batch, false, mappings, to, emitter);
        },
        machine, program);
  }
  [[nodiscard]] StepStats run(const Hardware& machine) const { return run(machine, machine); }
};

}  // namespace octet::sim
