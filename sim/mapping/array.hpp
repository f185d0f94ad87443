#pragma once
#include "sim/config/hardware.hpp"

namespace octet::sim {

// One product on the MAC array, for each of `groups`: m x k by k x n. m belongs to the activation
// scratchpad's operand, n to the weight scratchpad's.
struct ArrayWork {
  std::int64_t m = 1, n = 1, k = 1;
  std::int64_t groups = 1;
  std::int64_t passes = 1;     // 2: an 8x16 product by byte slices
  std::int64_t sum_bytes = 4;  // of one sum in the accumulators
};

// How a dataflow lays a product on the array: a * b values stay in the array, a by rows, b by
// columns, while `stream` steps pass.
struct ArrayFolds {
  std::int64_t a = 1, b = 1, stream = 1;
  std::int64_t preload = 0;  // cycles before the first step: stationary operands are shifted in
  std::int64_t packed = 1;   // groups side by side in one fold
  std::int64_t folds = 1;    // of all groups and passes
};
[[nodiscard]] ArrayFolds array_folds(const ArrayWork& work, Dataflow dataflow, const Hardware& hw);

// Cycles of a product: docs/timing.md, "The MAC array". At least 1 of each size, but k may be 0.
[[nodiscard]] std::int64_t array_cycles(const ArrayWork& work, Dataflow dataflow,
                                        const Hardware& hw);

// Whether the scratchpads' ports feed the array in this dataflow.
[[nodiscard]] bool ports_feed(Dataflow dataflow, const Hardware& hw);

// Scratchpad bytes that a product reads of each operand and reads and writes of sums.
struct ArrayTraffic {
  std::int64_t activation = 0, weight = 0, accumulator = 0;
};
[[nodiscard]] ArrayTraffic array_traffic(const ArrayWork& work, Dataflow dataflow,
                                         std::int64_t activation_bytes, std::int64_t weight_bytes,
                                         bool accumulate, const Hardware& hw);

}  // namespace octet::sim
