#pragma once
#include <array>
#include <cstdlib>
#include <random>

#include "tests/sim/step_fixture.hpp"

namespace octet::sim {

inline unsigned seed_of_test() {  // another one: OCTET_TEST_SEED
  const char* given = std::getenv("OCTET_TEST_SEED");
  return given != nullptr ? static_cast<unsigned>(std::atoi(given)) : 20261125U;
}

// Arrays, dataflows and scratchpads of any sort, small ones among them; the memory is the caller's.
inline HardwareText random_machine(std::mt19937& random) {
  const auto pick = [&](std::initializer_list<long> values) {
    return *(values.begin() + random() % values.size());
  };
  HardwareText text;
  text.rows = static_cast<int>(pick({4, 8, 13, 16, 32}));
  text.cols = static_cast<int>(pick({4, 8, 16, 24}));
  text.banks = 16;
  text.width = 16;
  text.activation = pick({8192, 32768, 262144});
  text.weight = pick({8192, 16384, 131072});
  text.accumulator = pick({16384, 65536, 262144});
  text.dataflow = std::array{"auto", "os", "ws", "is"}[random() % 4];
  text.datapath = random() % 2 == 0 ? "native" : "two_pass";
  text.fold_overlap = random() % 2 == 0;
  return text;
}

}  // namespace octet::sim
