#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "common/buffer.hpp"

namespace octet::model {

// The right-hand side [K][N] of a byte product, as the kernels read it: codes minus 128 as s8, in
// blocks of 32 columns (the last one 16 or 32), four reduction indices side by side, zero-filled.
struct PackedMatrix {
  static constexpr int kBlockColumns = 32;
  std::int32_t reduction = 0;   // K, holes not counted
  std::int32_t columns = 0;     // N
  std::int32_t zero_point = 0;  // of the stored s8 values
  Buffer<std::int8_t> data;
  std::vector<std::int64_t> block_offset;  // start of each block in data
  std::vector<std::int32_t> column_sum;    // sum of the stored values, padded to whole blocks

  // Groups of 16 columns and valid columns of the block that starts at column `first`.
  [[nodiscard]] int vectors(int first) const { return columns - first > 16 ? 2 : 1; }
  [[nodiscard]] int valid(int first) const {
    return columns - first < kBlockColumns ? columns - first : kBlockColumns;
  }
};

// Element (k, n) of the source is codes[row_offset[k] + n * column_stride]; a negative offset is a
// hole, a row of zeros that belongs to no sum. row_offset.size() is a multiple of four.
[[nodiscard]] PackedMatrix pack_matrix(std::span<const std::uint8_t> codes,
                                       std::span<const std::int64_t> row_offset,
                                       std::int64_t column_stride, std::int32_t columns,
                                       std::int32_t zero_point);

}  // namespace octet::model
