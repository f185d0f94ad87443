#include "sim/program/lower.hpp"

#include "common/error.hpp"
#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

Lowering::Lowering(const workloads::Network& network, const model::Recipe& recipe,
                   const Hardware& hardware, int batch, bool delayed, Scope scope,
                   MappingCache& mappings, Program& program, Emitter& emitter)
    : network_(network),
      recipe_(recipe),
      value_bytes_(stored_bytes(hardware, recipe.float32)),
      wide_bytes_(value_bytes_ == 2 ? 2 : 4),
      batch_(batch),
      delayed_(delayed || scope == Scope::kInference),
      scope_(scope),
      b_(hardware, mappings, program, emitter),
      at_(network.nodes.size()) {
  // A float32 value needs no range and no second copy: it is stored as it is made, in the way of a
  // recipe whose formats are known beforehand.
  if (recipe.float32) {
    recipe_.bifurcated = false;
    recipe_.rounding = {model::Rounding::kNearest, model::Rounding::kNearest,
                        model::Rounding::kNearest};
    delayed_ = true;
  }
}

void lower_to(const workloads::Network& network, const model::Recipe& recipe,
              const Hardware& hardware, int batch, bool first_step, MappingCache& mappings,
              Program& program, Emitter& emitter, Scope scope) {
  if (batch < 1) throw usage_error("batch", std::to_string(batch), "1 or more");
  program.network = network.name;
  program.hardware = hardware.name;
  program.batch = batch;
  program.float32 = recipe.float32;
  program.scope = scope;
  for (const workloads::Node& node : network.nodes) {
    program.layers.push_back({node.name, workloads::op_name(node.op)});
  }
  Lowering lowering(network, recipe, hardware, batch, recipe.delayed_ranges && !first_step, scope,
                    mappings, program, emitter);
  lowering.forward();
  if (scope == Scope::kStep) lowering.backward();
}

Program lower(const workloads::Network& network, const model::Recipe& recipe,
              const Hardware& hardware, int batch, bool first_step, MappingStrategy strategy,
              Scope scope) {
  Program program;
  MappingCache mappings(hardware, strategy);
  ProgramEmitter emitter(program);
  lower_to(network, recipe, hardware, batch, first_step, mappings, program, emitter, scope);
  return program;
}

}  // namespace octet::sim
