#include "sim/program/live_bytes.hpp"

#include <algorithm>
#include <utility>

namespace octet::sim {

std::int64_t LiveBytes::peak(const std::vector<Tensor>& tensors) const {
  // When bytes come, and go after their last use.
  std::vector<std::pair<std::int64_t, std::int64_t>> changes;
  std::int64_t live = 0;
  for (std::size_t t = 0; t < lives_.size(); ++t) {
    const Life& life = lives_[t];
    if (life.first < 0) continue;
    const std::int64_t bytes = tensors[t].bytes();
    if (life.given) live += bytes;
    if (!life.given) changes.emplace_back(2 * life.first, bytes);
    if (!life.kept) changes.emplace_back(2 * life.last + 1, -bytes);
  }
  std::sort(changes.begin(), changes.end());
  std::int64_t most = live;
  for (const auto& [when, bytes] : changes) {
    live += bytes;
    most = std::max(most, live);
  }
  return most;
}

std::int64_t live_bytes(const Program& program) {
  LiveBytes bytes(program.tensors.size());
  const auto add = [&](const Command& c) {
    if (c.transfers()) bytes.access(c.a, c.op == Opcode::kStore);
  };
  for (const CommandList::Block& block : program.commands.blocks()) {
    const bool same_tensors =
        std::all_of(block.step.begin(), block.step.end(),
                    [](const Command& step) { return !step.transfers() || step.a == 0; });
    if (block.period > 0 && !same_tensors) {
      for (std::size_t i = 0; i < block.size; ++i) add(program.commands[block.start + i]);
      continue;
    }
    // The first repetition, and the last time of each of its commands; or all, of no repetition.
    for (const Command& c : block.first) add(c);
    if (block.period == 0) continue;
    for (std::size_t i = block.size; i < block.size + block.period; ++i)
      add(block.first[i % block.period]);
  }
  return bytes.peak(program.tensors);
}

}  // namespace octet::sim
