#include "sim/reference/scale_sim.hpp"

#include <string>

#include "common/error.hpp"

namespace octet::sim::scale_sim {
namespace {

std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

// folds_a * folds_b * fold - 1.
std::int64_t folded(std::int64_t folds_a, std::int64_t folds_b, std::int64_t fold) {
  std::int64_t folds = 0;
  std::int64_t cycles = 0;
  if (__builtin_mul_overflow(folds_a, folds_b, &folds) ||
      __builtin_mul_overflow(folds, fold, &cycles)) {
    throw usage_error("gemm",
                      std::to_string(folds_a) + " x " + std::to_string(folds_b) + " folds of " +
                          std::to_string(fold) + " cycles",
                      "fewer than 2^63 cycles");
  }
  return cycles - 1;
}

}  // namespace

const char* short_name(Dataflow dataflow) {
  switch (dataflow) {
    case Dataflow::kOutputStationary:
      return "os";
    case Dataflow::kWeightStationary:
      return "ws";
    case Dataflow::kInputStationary:
      break;
  }
  return "is";
}

std::int64_t compute_cycles(const Gemm& g, std::int64_t rows, std::int64_t cols,
                            Dataflow dataflow) {
  switch (dataflow) {
    case Dataflow::kOutputStationary:
      return folded(ceil_div(g.m, rows), ceil_div(g.n, cols), g.k + rows + cols - 2);
    case Dataflow::kWeightStationary:
      return folded(ceil_div(g.k, rows), ceil_div(g.n, cols), g.m + 2 * rows + cols - 2);
    case Dataflow::kInputStationary:
      break;
  }
  return folded(ceil_div(g.k, rows), ceil_div(g.m, cols), g.n + 2 * rows + cols - 2);
}

}  // namespace octet::sim::scale_sim
