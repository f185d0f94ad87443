#include "sim/program/lower.hpp"

#include "common/error.hpp"
#include "sim/program/lowering/lowering.hpp"

namespace octet::sim {

Lowering::Lowering(const workloads::Network& network, const model::Recipe& recipe,
                   const Hardware& hardware, int batch, bool delayed, Program& program)
    : network_(network),
      recipe_(recipe),
      batch_(batch),
      delayed_(delayed),
      b_(hardware, program),
      at_(network.nodes.size()) {}

Program lower(const workloads::Network& network, const model::Recipe& recipe,
              const Hardware& hardware, int batch, bool first_step) {
  if (recipe.float32) {
    throw input_error(recipe.file, "arithmetic", "float32", "integer: the machine has no float32");
  }
  if (batch < 1) throw usage_error("batch", std::to_string(batch), "1 or more");
  Program program;
  program.network = network.name;
  program.hardware = hardware.name;
  program.batch = batch;
  for (const workloads::Node& node : network.nodes) {
    program.layers.push_back({node.name, workloads::op_name(node.op)});
  }
  Lowering lowering(network, recipe, hardware, batch, recipe.delayed_ranges && !first_step,
                    program);
  lowering.forward();
  lowering.backward();
  return program;
}

}  // namespace octet::sim
