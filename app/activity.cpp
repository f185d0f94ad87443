#include "app/activity.hpp"

#include <fmt/core.h>

#include "common/error.hpp"
#include "common/file.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::app {
namespace {

using workloads::Node;
using workloads::Op;

std::string line(const Node& node, const char* phase, double row, double column) {
  return fmt::format("  - {{layer: {}, phase: {}, row: {:.4f}, column: {:.4f}}}\n", node.name,
                     phase, row, column);
}

// Forward and data gradient reduce over channels, which lie side by side; the weight gradient over
// pixels, which lie a row of channels apart. Weights are rows of one output channel each.
std::string products_of(const workloads::Network& network, const model::Recipe& recipe,
                        const model::IntegerEngine& engine, const Node& node) {
  const model::NodeRun& run = engine.run(node.id);
  const Node& source = network.nodes[static_cast<std::size_t>(node.inputs[0])];
  const model::NodeRun& input = engine.run(source.id);
  const bool connected = node.op == Op::kFullyConnected;
  const auto in = static_cast<std::size_t>(connected ? node.in.elements() : node.in.channels);
  const auto out = static_cast<std::size_t>(node.out.channels);
  const auto reduction = static_cast<std::size_t>(node.reduction());
  const model::Recipe::Bits& bits = recipe.bits;
  std::string text = line(node, "forward", bit_changes(input.output.q, 1, bits.activation),
                          bit_changes(run.weights.q, 1, bits.weight));
  if (source.op != Op::kInput)
    text += line(node, "data_gradient", bit_changes(run.gradient.q, 1, bits.gradient),
                 bit_changes(run.weights.q, reduction, bits.weight));
  const double gradient = recipe.bifurcated
                              ? bit_changes(run.wide_gradient_q, out, recipe.wgrad_bits())
                              : bit_changes(run.gradient.q, out, bits.gradient);
  return text +
         line(node, "weight_gradient", bit_changes(input.output.q, in, bits.activation), gradient);
}

}  // namespace

void write_activity(const workloads::Network& network, const model::Recipe& recipe,
                    model::Engine& engine, const std::string& command, const std::string& file) {
  const auto* integer = dynamic_cast<const model::IntegerEngine*>(&engine);
  if (integer == nullptr)
    throw usage_error("--activity", "a float32 recipe", "an integer recipe: codes are counted");
  std::string text = fmt::format(
      "# Changes of one operand bit from term to term of each product, the last step of:\n# {}\n"
      "network: {}\nrecipe: {}\nstep: {}\nproducts:\n",
      command, network.name, recipe.name, engine.state().step);
  for (const Node& node : network.nodes) {
    if (node.op == Op::kConv || node.op == Op::kFullyConnected)
      text += products_of(network, recipe, *integer, node);
  }
  write_file(file, text);
}

}  // namespace octet::app
