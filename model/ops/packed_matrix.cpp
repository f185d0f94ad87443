#include "model/ops/packed_matrix.hpp"

#include <algorithm>

namespace octet::model {
namespace {

// One column, four rows at a time; `to` is its place in the first group of four.
std::int32_t pack_column(const std::uint8_t* column, std::span<const std::int64_t> row_offset,
                         int width, std::int8_t* to) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < row_offset.size(); k += 4, to += std::ptrdiff_t{4} * width)
    for (std::size_t i = 0; i < 4; ++i) {
      if (row_offset[k + i] < 0) continue;
      const int value = column[row_offset[k + i]] - 128;
      to[i] = static_cast<std::int8_t>(value);
      sum += value;
    }
  return sum;
}

// Rows whose columns lie side by side.
void pack_rows(std::span<const std::uint8_t> codes, std::span<const std::int64_t> row_offset,
               int first, int count, int width, std::int8_t* to, std::int32_t* sums) {
  for (std::size_t k = 0; k < row_offset.size(); ++k) {
    if (row_offset[k] < 0) continue;
    const std::uint8_t* from = codes.data() + row_offset[k] + first;
    std::int8_t* lane = to + k / 4 * 4 * static_cast<std::size_t>(width) + k % 4;
    for (int n = 0; n < count; ++n) {
      const int value = from[n] - 128;
      lane[std::ptrdiff_t{4} * n] = static_cast<std::int8_t>(value);
      sums[n] += value;
    }
  }
}

}  // namespace

PackedMatrix pack_matrix(std::span<const std::uint8_t> codes,
                         std::span<const std::int64_t> row_offset, std::int64_t column_stride,
                         std::int32_t columns, std::int32_t zero_point) {
  constexpr int kBlock = PackedMatrix::kBlockColumns;
  PackedMatrix packed;
  packed.columns = columns;
  packed.zero_point = zero_point - 128;
  packed.reduction = static_cast<std::int32_t>(
      std::count_if(row_offset.begin(), row_offset.end(), [](std::int64_t at) { return at >= 0; }));
  std::int64_t size = 0;
  for (int first = 0; first < columns; first += kBlock) {
    packed.block_offset.push_back(size);
    size += static_cast<std::int64_t>(row_offset.size()) * 16 * packed.vectors(first);
  }
  packed.data.assign(static_cast<std::size_t>(size), 0);
  packed.column_sum.assign(packed.block_offset.size() * kBlock, 0);
  for (std::size_t block = 0; block < packed.block_offset.size(); ++block) {
    const int first = static_cast<int>(block) * kBlock;
    const int count = packed.valid(first);
    const int width = 16 * packed.vectors(first);
    std::int8_t* to = packed.data.data() + packed.block_offset[block];
    std::int32_t* sums = packed.column_sum.data() + first;
    if (column_stride == 1)
      pack_rows(codes, row_offset, first, count, width, to, sums);
    else
      for (int n = 0; n < count; ++n)
        sums[n] = pack_column(codes.data() + (first + n) * column_stride, row_offset, width,
                              to + std::ptrdiff_t{4} * n);
  }
  return packed;
}

}  // namespace octet::model
