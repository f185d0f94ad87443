#include "model/trainer/state.hpp"

#include <cmath>

namespace octet::model {
namespace {

using workloads::Op;

void hash_floats(std::uint64_t& hash, const std::vector<float>& values) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(values.data());
  for (std::size_t i = 0; i < values.size() * sizeof(float); ++i)
    hash = (hash ^ bytes[i]) * 0x100000001B3ULL;
}

}  // namespace

TrainingState initial_state(const workloads::Network& network, std::uint32_t seed) {
  TrainingState state;
  state.seed = seed;
  state.nodes.resize(network.nodes.size());
  int classifier = 0;
  for (const workloads::Node& node : network.nodes)
    if (node.weights() > 0) classifier = node.id;
  for (const workloads::Node& node : network.nodes) {
    NodeState& own = state.nodes[static_cast<std::size_t>(node.id)];
    const auto channels = static_cast<std::size_t>(node.out.channels);
    if (node.op == Op::kNorm) {
      own.weight.assign(channels, 1.0F);
      own.bias.assign(channels, 0.0F);
      own.running_mean.assign(channels, 0.0F);
      own.running_spread.assign(channels, 0.0F);
    } else if (node.weights() > 0) {
      const float bound =
          std::sqrt((node.id == classifier ? 1.0F : 6.0F) / static_cast<float>(node.reduction()));
      std::vector<std::uint16_t> bits(static_cast<std::size_t>(node.weights()));
      fill_random_bits({seed, 0, random_stream(node.id, RandomUse::kInitialise)}, 0, bits.data(),
                       bits.size());
      for (const std::uint16_t u : bits)
        own.weight.push_back(bound * (static_cast<float>(2 * u + 1) * 0x1p-16F - 1.0F));
      if (node.bias) own.bias.assign(channels, 0.0F);
    }
    own.weight_velocity.assign(own.weight.size(), 0.0F);
    own.bias_velocity.assign(own.bias.size(), 0.0F);
  }
  return state;
}

std::uint64_t state_hash(const TrainingState& state) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const NodeState& node : state.nodes) {
    hash_floats(hash, node.weight);
    hash_floats(hash, node.bias);
    hash_floats(hash, node.running_mean);
    hash_floats(hash, node.running_spread);
    hash_floats(hash, {node.running_output.low, node.running_output.high});
  }
  return hash;
}

}  // namespace octet::model
