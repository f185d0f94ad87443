#pragma once
#include "model/quant/recipe.hpp"
#include "sim/config/hardware.hpp"
#include "sim/mapping/search.hpp"
#include "sim/program/lowering/emitter.hpp"
#include "sim/program/program.hpp"
#include "workloads/graph/network.hpp"

namespace octet::sim {

// The commands of one training step of `network` on `batch` images, or of what of it `scope` says.
// `first_step`: with delayed
// ranges there is no earlier range yet, so the step takes the way of current ranges.
// Throws octet::Error: a scratchpad too small for one tile, a recipe that is not integer.
[[nodiscard]] Program lower(const workloads::Network& network, const model::Recipe& recipe,
                            const Hardware& hardware, int batch, bool first_step = false,
                            MappingStrategy strategy = MappingStrategy::kSearch,
                            Scope scope = Scope::kStep);

// The same with the commands handed to `emitter`, and everything else put into `program`, an empty
// one. `mappings` are of this machine.
void lower_to(const workloads::Network& network, const model::Recipe& recipe,
              const Hardware& hardware, int batch, bool first_step, MappingCache& mappings,
              Program& program, Emitter& emitter, Scope scope = Scope::kStep);

}  // namespace octet::sim
