#pragma once
#include <string>

#include "model/quant/recipe.hpp"
#include "model/trainer/engine.hpp"
#include "workloads/graph/network.hpp"

namespace octet::app {

// Changes of one bit from each value to that `stride` before it, over all values; 0 without two.
template <class Codes>
[[nodiscard]] double bit_changes(const Codes& codes, std::size_t stride, int bits) {
  if (codes.size() <= stride) return 0.0;
  std::int64_t changes = 0;
  for (std::size_t i = stride; i < codes.size(); ++i) {
    changes += __builtin_popcount(static_cast<unsigned>(codes[i] ^ codes[i - stride]));
  }
  return static_cast<double>(changes) / static_cast<double>(codes.size() - stride) / bits;
}

// Writes how often the operands' bits change in each product of the step that has just ended, in
// the order in which an output-stationary array takes them: `file` is what octet estimate
// --activity reads. The engine must keep gradients. Throws octet::Error for a float32 engine.
void write_activity(const workloads::Network& network, const model::Recipe& recipe,
                    model::Engine& engine, const std::string& command, const std::string& file);

}  // namespace octet::app
