#include "model/trainer/state.hpp"

#include <atomic>
#include <bit>
#include <cmath>
#include <span>

#include "common/error.hpp"
#include "common/hash.hpp"

namespace octet::model {

using workloads::Op;

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
      own.weight.reserve(bits.size());
      for (const std::uint16_t u : bits)
        own.weight.push_back(bound * (static_cast<float>(2 * u + 1) * 0x1p-16F - 1.0F));
      if (node.bias) own.bias.assign(channels, 0.0F);
    }
    own.weight_velocity.assign(own.weight.size(), 0.0F);
    own.bias_velocity.assign(own.bias.size(), 0.0F);
  }
  return state;
}

namespace {

// Not by std::isfinite, whose loop g++ does not turn into vectors.
bool all_finite(std::span<const float> values) {
  constexpr std::uint32_t kExponent = 0x7f800000U;  // all ones: infinite, or no number
  std::uint32_t found = 0;
  for (const float value : values)
    found |= (std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent ? 1U : 0U;
  return found == 0;
}

bool all_finite(std::span<const float> values, ThreadPool& pool) {
  constexpr std::int64_t kWorthSharing = 65536;
  const auto size = static_cast<std::int64_t>(values.size());
  if (size < kWorthSharing) return all_finite(values);
  std::atomic<bool> finite = true;
  pool.split(size, 4096, [&](std::int64_t begin, std::int64_t end, int) {
    if (!all_finite(
            values.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin))))
      finite = false;
  });
  return finite;
}

}  // namespace

void check_finite(const TrainingState& state, const workloads::Network& network, ThreadPool& pool) {
  for (const workloads::Node& node : network.nodes) {
    const NodeState& own = state.nodes[static_cast<std::size_t>(node.id)];
    const auto check = [&](const char* what, bool finite) {
      if (finite) return;
      throw Error(network.name + ": " + node.name + ": " + what +
                  ": found numbers that are not finite after step " + std::to_string(state.step) +
                  ", expected a training that does not diverge; a lower peak_rate may help");
    };
    check("weights", all_finite(own.weight, pool));
    check("bias", all_finite(own.bias, pool));
    check("running statistics", all_finite(own.running_mean) && all_finite(own.running_spread) &&
                                    std::isfinite(own.running_output.low) &&
                                    std::isfinite(own.running_output.high));
  }
}

std::uint64_t state_hash(const TrainingState& state) {
  Fnv1a hash;
  for (const NodeState& node : state.nodes) {
    hash.add(node.weight);
    hash.add(node.bias);
    hash.add(node.running_mean);
    hash.add(node.running_spread);
    hash.add(node.running_output.low);
    hash.add(node.running_output.high);
  }
  return hash.value();
}

}  // namespace octet::model
