#pragma once
#include <cstdint>
#include <vector>

#include "sim/program/program.hpp"

namespace octet::sim {

// The most bytes of DRAM that a program's tensors hold at once (docs/timing.md, What fits). Takes
// loads and stores in the order of the commands; repetitions between a tensor's first and last one
// may be left out.
class LiveBytes {
 public:
  explicit LiveBytes(std::size_t tensors) : lives_(tensors) {}
  void access(std::int64_t tensor, bool store) {
    Life& life = lives_[static_cast<std::size_t>(tensor)];
    if (life.first < 0) {
      life.first = now_;
      life.given = !store;
    }
    life.last = now_++;
    life.kept = store;
  }
  [[nodiscard]] std::int64_t peak(const std::vector<Tensor>& tensors) const;

 private:
  struct Life {
    std::int64_t first = -1, last = -1;
    bool given = false;  // there before the program: it is read first
    bool kept = false;   // there after it: it is stored last
  };
  std::vector<Life> lives_;
  std::int64_t now_ = 0;
};

// Of all commands of a program.
[[nodiscard]] std::int64_t live_bytes(const Program& program);

}  // namespace octet::sim
