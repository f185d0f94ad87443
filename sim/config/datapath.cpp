#include "sim/config/datapath.hpp"

#include <algorithm>
#include <cmath>

#include "sim/config/hardware.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kFloatSumBits = 32;
constexpr std::int64_t kIntegerSumBits = 56;  // of the weight gradient: docs/numerics.md
constexpr double kMostSkew = 1.5;             // of the proportions of a scaled array

void widen(Scratchpad& pad, std::int64_t edge_bytes) {
  while (pad.bytes_per_cycle() < edge_bytes) pad.width_bytes *= 2;
}

// The largest array of at most `cells` whose proportions are within kMostSkew of rows to cols, and
// of equal ones the nearest.
void fit_array(Hardware& hw, std::int64_t cells) {
  const double shape = static_cast<double>(hw.rows) / hw.cols;
  const auto skew = [&](std::int64_t rows, std::int64_t cols) {
    return std::abs(std::log(static_cast<double>(rows) / static_cast<double>(cols) / shape));
  };
  std::int64_t best_rows = 1, best_cols = 1;
  for (std::int64_t cols = 1; cols <= cells; ++cols) {
    const std::int64_t rows = cells / cols;
    const bool near = skew(rows, cols) <= std::log(kMostSkew);
    const std::int64_t size = rows * cols;
    const std::int64_t best = best_rows * best_cols;
    if (near && (size > best || (size == best && skew(rows, cols) < skew(best_rows, best_cols)))) {
      best_rows = rows;
      best_cols = cols;
    }
  }
  hw.rows = static_cast<int>(best_rows);
  hw.cols = static_cast<int>(best_cols);
}

}  // namespace

const char* datapath_name(Datapath datapath) {
  switch (datapath) {
    case Datapath::kInt8:
      return "int8";
    case Datapath::kFloat32:
      return "float32";
    case Datapath::kFloat16:
      return "float16";
    case Datapath::kBfloat16:
      return "bfloat16";
  }
  return "";
}

int value_bytes(Datapath datapath) {
  switch (datapath) {
    case Datapath::kInt8:
      return 1;
    case Datapath::kFloat32:
      return 4;
    case Datapath::kFloat16:
    case Datapath::kBfloat16:
      return 2;
  }
  return 1;
}

Datapath datapath_of(const Hardware& hardware, bool floating) {
  if (!floating) return Datapath::kInt8;
  return hardware.datapath == Datapath::kInt8 ? Datapath::kFloat32 : hardware.datapath;
}

int stored_bytes(const Hardware& hardware, bool floating) {
  if (floating && hardware.float32_values) return value_bytes(Datapath::kFloat32);
  return value_bytes(datapath_of(hardware, floating));
}

std::int64_t cell_register_bits(const Hardware& hardware, Datapath datapath) {
  if (datapath != Datapath::kInt8) return 16 * value_bytes(datapath) + kFloatSumBits;
  const bool native = hardware.gradient_datapath == GradientDatapath::kNative;
  return 8 + (native ? 16 : 8) + kIntegerSumBits;
}

std::int64_t lane_register_bits(int depth) { return 32 * std::int64_t{depth}; }

Hardware float_machine(const Hardware& hardware, Datapath datapath, double area_ratio) {
  Hardware hw = hardware;
  hw.datapath = datapath;
  if (area_ratio != 1.0) {
    const double cells = static_cast<double>(hw.rows) * hw.cols / area_ratio;
    fit_array(hw, std::max<std::int64_t>(1, static_cast<std::int64_t>(cells)));
  }
  const std::int64_t bytes = stored_bytes(hw, true);
  widen(hw.activation, bytes * hw.rows * hw.arrays);
  widen(hw.weight, bytes * hw.cols * hw.arrays);
  widen(hw.accumulator, 4L * hw.cols * hw.arrays);
  return hw;
}

}  // namespace octet::sim
