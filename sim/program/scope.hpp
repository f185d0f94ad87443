#pragma once
#include <cstdint>

namespace octet::sim {

// What of a network is lowered: docs/timing.md, The forward pass alone.
enum class Scope : std::uint8_t {
  kStep,       // a whole training step: forward, both gradients, update
  kForward,    // its forward pass, and nothing that only the rest of the step reads
  kInference,  // what a trained network does: ranges, statistics and weight codes are there
};
inline constexpr int kScopes = 3;
[[nodiscard]] const char* scope_name(Scope scope);  // training_step, forward, inference

}  // namespace octet::sim
