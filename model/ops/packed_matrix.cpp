#include "model/ops/packed_matrix.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace octet::model {
namespace {

// Four codes minus 128 as bytes.
constexpr std::uint32_t kFlip = 0x80808080U;
static_assert(std::endian::native == std::endian::little, "words are put together by bytes");

// Which groups of four rows are neighbours in each column.
std::vector<bool> neighbouring_rows(std::span<const std::int64_t> row_offset) {
  std::vector<bool> found;
  for (std::size_t k = 0; k < row_offset.size(); k += 4) {
    const std::int64_t at = row_offset[k];
    found.push_back(at >= 0 && row_offset[k + 1] == at + 1 && row_offset[k + 2] == at + 2 &&
                    row_offset[k + 3] == at + 3);
  }
  return found;
}

// One column, four rows at a time; `to` is its place in the first group of four.
std::int32_t pack_column(const std::uint8_t* column, std::span<const std::int64_t> row_offset,
                         const std::vector<bool>& neighbours, int width, std::int8_t* to) {
  std::int32_t sum = 0;
  for (std::size_t k = 0; k < row_offset.size(); k += 4, to += std::ptrdiff_t{4} * width) {
    if (neighbours[k / 4]) {
      std::uint32_t four;
      std::memcpy(&four, column + row_offset[k], 4);
      const std::uint32_t pairs = (four & 0xFF00FFU) + (four >> 8 & 0xFF00FFU);
      sum += static_cast<std::int32_t>((pairs & 0xFFFFU) + (pairs >> 16)) - 4 * 128;
      four ^= kFlip;
      std::memcpy(to, &four, 4);
      continue;
    }
    for (std::size_t i = 0; i < 4; ++i) {
      if (row_offset[k + i] < 0) continue;
      const int value = column[row_offset[k + i]] - 128;
      to[i] = static_cast<std::int8_t>(value);
      sum += value;
    }
  }
  return sum;
}

// Four rows whose columns lie side by side, a word of the result a column.
void pack_four_rows(const std::uint8_t* const (&rows)[4], int count, std::int8_t* to,
                    std::int32_t* sums) {
  std::uint32_t words[PackedMatrix::kBlockColumns];
  for (int n = 0; n < count; ++n) {
    const std::uint32_t a = rows[0][n], b = rows[1][n], c = rows[2][n], d = rows[3][n];
    words[n] = (a | b << 8 | c << 16 | d << 24) ^ kFlip;
    sums[n] += static_cast<std::int32_t>(a + b + c + d) - 4 * 128;
  }
  std::memcpy(to, words, sizeof(words[0]) * static_cast<std::size_t>(count));
}

// Rows whose columns lie side by side.
void pack_rows(std::span<const std::uint8_t> codes, std::span<const std::int64_t> row_offset,
               int first, int count, int width, std::int8_t* to, std::int32_t* sums) {
  const auto row = [&](std::size_t k) { return codes.data() + row_offset[k] + first; };
  for (std::size_t k = 0; k < row_offset.size(); ++k) {
    if (k % 4 == 0 && row_offset[k] >= 0 && row_offset[k + 1] >= 0 && row_offset[k + 2] >= 0 &&
        row_offset[k + 3] >= 0) {
      pack_four_rows({row(k), row(k + 1), row(k + 2), row(k + 3)}, count,
                     to + k * static_cast<std::size_t>(width), sums);
      k += 3;
      continue;
    }
    if (row_offset[k] < 0) continue;
    const std::uint8_t* from = row(k);
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
  const std::vector<bool> neighbours = neighbouring_rows(row_offset);
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
        sums[n] = pack_column(codes.data() + (first + n) * column_stride, row_offset, neighbours,
                              width, to + std::ptrdiff_t{4} * n);
  }
  return packed;
}

}  // namespace octet::model
