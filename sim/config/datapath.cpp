#include "sim/config/datapath.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "common/error.hpp"
#include "sim/config/hardware.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kFloatSumBits = 32;
constexpr std::int64_t kIntegerSumBits = 56;  // of the weight gradient: docs/numerics.md

void widen(Scratchpad& pad, std::int64_t edge_bytes) {
  while (pad.bytes_per_cycle() < edge_bytes) pad.width_bytes *= 2;
}

struct ArraySize {
  std::int64_t rows = 0, cols = 0;
  [[nodiscard]] std::int64_t cells() const { return rows * cols; }
  // How far its proportions are from those of another, 0 for the same.
  [[nodiscard]] double skew(const ArraySize& other) const {
    return std::abs(std::log(static_cast<double>(rows) / static_cast<double>(cols) /
                             (static_cast<double>(other.rows) / static_cast<double>(other.cols))));
  }
  // At most half as long again, in integers, so that exactly half counts.
  [[nodiscard]] bool near(const ArraySize& other) const {
    const std::int64_t a = rows * other.cols;
    const std::int64_t b = cols * other.rows;
    return 2 * std::max(a, b) <= 3 * std::min(a, b);
  }
};

// The largest array of at most `cells` whose proportions are near the old ones, and of equally
// large ones the nearest.
ArraySize largest_near(const ArraySize& old, std::int64_t cells) {
  ArraySize best;
  for (std::int64_t cols = 1; cols <= cells; ++cols) {
    const std::int64_t tallest = 3 * old.rows * cols / (2 * old.cols);
    const ArraySize size{std::min(cells / cols, tallest), cols};
    if (size.rows < 1 || !size.near(old) || size.cells() < best.cells()) continue;
    if (size.cells() > best.cells() || size.skew(old) < best.skew(old)) best = size;
  }
  return best;
}

// The array of at least half and at most all `cells` whose proportions are nearest to the old ones,
// and of equally near ones the largest.
ArraySize nearest_of_half(const ArraySize& old, std::int64_t cells) {
  ArraySize best;
  for (std::int64_t cols = 1; cols <= cells; ++cols) {
    const std::int64_t fewest = (cells + 2 * cols - 1) / (2 * cols);
    const std::int64_t most = cells / cols;
    if (fewest > most) continue;
    const std::int64_t rows = old.rows * cols / old.cols;
    for (const std::int64_t wanted : {rows, rows + 1}) {
      const ArraySize size{std::clamp(wanted, fewest, most), cols};
      if (best.rows == 0 || size.skew(old) < best.skew(old) ||
          (size.skew(old) == best.skew(old) && size.cells() > best.cells()))
        best = size;
    }
  }
  return best;
}

// An array of about the same proportions that takes up `cells` as well as it can.
void fit_array(Hardware& hw, std::int64_t cells) {
  const ArraySize old{hw.rows, hw.cols};
  ArraySize size = largest_near(old, cells);
  if (2 * size.cells() < cells) size = nearest_of_half(old, cells);
  hw.rows = static_cast<int>(size.rows);
  hw.cols = static_cast<int>(size.cols);
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
    if (cells < 1.0)
      throw input_error(hw.file, "array",
                        fmt::format("{}x{} cells, the silicon of {:.2f} {} cells", hw.rows, hw.cols,
                                    cells, datapath_name(datapath)),
                        "the silicon of at least one");
    fit_array(hw, static_cast<std::int64_t>(cells));
  }
  const std::int64_t bytes = stored_bytes(hw, true);
  widen(hw.activation, bytes * hw.rows * hw.arrays);
  widen(hw.weight, bytes * hw.cols * hw.arrays);
  widen(hw.accumulator, 4L * hw.cols * hw.arrays);
  return hw;
}

}  // namespace octet::sim
