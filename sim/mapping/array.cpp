#include "sim/mapping/array.hpp"

#include <algorithm>

#include "sim/mapping/geometry.hpp"

namespace octet::sim {
namespace {

// Cycles in which the accumulators' ports take a row of sums of each array.
std::int64_t sums_cycles(const ArrayWork& w, const Hardware& hw) {
  const std::int64_t bytes = std::int64_t{hw.arrays} * hw.cols * w.sum_bytes;
  return ceil_div(bytes, hw.accumulator.bytes_per_cycle());
}

}  // namespace

ArrayFolds array_folds(const ArrayWork& w, Dataflow dataflow, const Hardware& hw) {
  ArrayFolds f;
  // A product without a reduction writes zeros, which takes the fold that a reduction of one does.
  const std::int64_t k = std::max<std::int64_t>(w.k, 1);
  switch (dataflow) {
    case Dataflow::kOutput:
      f = {w.m, w.n, w.k, 0};
      break;
    case Dataflow::kWeight:
      f = {k, w.n, w.m, hw.rows};
      break;
    case Dataflow::kInput:
      f = {k, w.m, w.n, hw.rows};
      break;
  }
  if (dataflow != Dataflow::kOutput) {
    // Each step adds a row of sums to what the accumulators hold.
    f.stream *= sums_cycles(w, hw);
  }
  f.packed = std::clamp<std::int64_t>(std::min(hw.rows / f.a, hw.cols / f.b), 1, w.groups);
  f.folds =
      w.passes * ceil_div(w.groups, f.packed) * ceil_div(f.a, hw.rows) * ceil_div(f.b, hw.cols);
  return f;
}

namespace {

// `turns` folds one after the other, each of `stream` steps.
std::int64_t fold_cycles(const ArrayWork& w, const ArrayFolds& f, std::int64_t turns,
                         std::int64_t stream, Dataflow dataflow, const Hardware& hw) {
  const std::int64_t skew = std::int64_t{hw.rows} + hw.cols - 2;
  if (!hw.fold_overlap) return turns * (f.preload + stream + skew);
  // Shadow registers take the next fold's operands in, or the last fold's sums out, a row a cycle.
  std::int64_t shadow = hw.rows;
  if (dataflow == Dataflow::kOutput) {
    shadow *= sums_cycles(w, hw);
  }
  // Never more than without them, where sums are taken out during the skew of the next fold.
  const std::int64_t next = std::min(std::max(stream, shadow), f.preload + stream + skew);
  return f.preload + (turns - 1) * next + stream + skew;
}

}  // namespace

std::int64_t array_cycles(const ArrayWork& w, Dataflow dataflow, const Hardware& hw) {
  if (w.m < 1 || w.n < 1 || w.groups < 1) return 0;
  const ArrayFolds f = array_folds(w, dataflow, hw);
  std::int64_t cycles = fold_cycles(w, f, ceil_div(f.folds, hw.arrays), f.stream, dataflow, hw);
  if (dataflow == Dataflow::kOutput) return cycles;
  // Several arrays can hold the same operand and share what streams past: twice as many each time,
  // and all of them.
  const std::int64_t step = sums_cycles(w, hw);
  for (std::int64_t together = 2; together < 2 * std::int64_t{hw.arrays}; together *= 2) {
    const std::int64_t shared = std::min<std::int64_t>(together, hw.arrays);
    const std::int64_t turns = ceil_div(f.folds, hw.arrays / shared);
    const std::int64_t stream = ceil_div(f.stream / step, shared) * step;
    cycles = std::min(cycles, fold_cycles(w, f, turns, stream, dataflow, hw));
  }
  return cycles;
}

bool ports_feed(Dataflow dataflow, const Hardware& hw) {
  const std::int64_t wide = hw.gradient_datapath == GradientDatapath::kNative ? 2 : 1;
  const bool input = dataflow == Dataflow::kInput;
  // Input stationary: activations enter as columns, weights pass along the rows.
  const std::int64_t arrays = hw.arrays;
  return hw.activation.bytes_per_cycle() >=
             arrays * (input ? std::max(hw.rows, hw.cols) : hw.rows) &&
         hw.weight.bytes_per_cycle() >= arrays * wide * (input ? hw.rows : hw.cols);
}

ArrayTraffic array_traffic(const ArrayWork& w, Dataflow dataflow, std::int64_t activation_bytes,
                           std::int64_t weight_bytes, bool accumulate, const Hardware& hw) {
  const std::int64_t source = w.groups * w.m * w.k * activation_bytes;
  const std::int64_t weights = w.groups * w.n * w.k * weight_bytes;  // both bytes of 16 bits
  const std::int64_t sums = w.groups * w.m * w.n * w.sum_bytes;
  const std::int64_t row_folds = ceil_div(w.m, dataflow == Dataflow::kInput ? hw.cols : hw.rows);
  const std::int64_t column_folds = ceil_div(w.n, hw.cols);
  // Every fold along k, and the second pass, adds to sums that were written before.
  const std::int64_t additions = w.passes * ceil_div(std::max<std::int64_t>(w.k, 1), hw.rows);
  switch (dataflow) {
    case Dataflow::kOutput:
      return {source * column_folds * w.passes, weights * row_folds, sums * (accumulate ? 2 : 1)};
    case Dataflow::kWeight:
      return {source * column_folds * w.passes, weights,
              sums * (2 * additions - (accumulate ? 0 : 1))};
    case Dataflow::kInput:
      return {source * w.passes, weights * row_folds,
              sums * (2 * additions - (accumulate ? 0 : 1))};
  }
  return {};
}

}  // namespace octet::sim
