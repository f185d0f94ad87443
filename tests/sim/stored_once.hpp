#pragma once
#include <gtest/gtest.h>

#include <vector>

#include "sim/program/program.hpp"

namespace octet::sim {

// Every tensor in DRAM is stored once and whole, or was there before the step. Returns the bytes
// that are loaded of each.
inline std::vector<std::int64_t> expect_stored_once(const Program& program) {
  std::vector<std::int64_t> stored(program.tensors.size()), loaded(program.tensors.size());
  for (const Command& c : program.commands) {
    if (c.op == Opcode::kStore) stored[static_cast<std::size_t>(c.a)] += c.dma_bytes();
    if (c.op == Opcode::kLoad) loaded[static_cast<std::size_t>(c.a)] += c.dma_bytes();
  }
  for (std::size_t t = 0; t < program.tensors.size(); ++t) {
    const Tensor& tensor = program.tensors[t];
    const bool given = tensor.kind == TensorKind::kImage || tensor.kind == TensorKind::kLabel;
    if (tensor.address >= 0) {
      EXPECT_EQ(stored[t], given ? 0 : tensor.bytes()) << tensor.name;
    }
  }
  return loaded;
}

}  // namespace octet::sim
