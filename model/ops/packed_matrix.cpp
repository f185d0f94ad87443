#include "model/ops/packed_matrix.hpp"

#include <algorithm>
#include <cstring>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

constexpr int kBlockColumns = 64;

int vectors_of(int columns) { return (std::min(columns, kBlockColumns) + 15) / 16; }

}  // namespace

PackedMatrix pack_matrix(std::span<const std::uint8_t> codes,
                         std::span<const std::int64_t> row_offset, std::int64_t column_stride,
                         std::int32_t columns, std::int32_t zero_point) {
  PackedMatrix packed;
  packed.reduction = static_cast<std::int32_t>(row_offset.size());
  packed.columns = columns;
  packed.zero_point = zero_point - 128;
  const int k4 = (packed.reduction + 3) / 4;
  std::int64_t size = 0;
  for (int first = 0; first < columns; first += kBlockColumns) {
    packed.block_offset.push_back(size);
    size += std::int64_t{k4} * 64 * vectors_of(columns - first);
  }
  packed.data.assign(static_cast<std::size_t>(size), 0);
  packed.column_sum.assign(packed.block_offset.size() * kBlockColumns, 0);
  for (std::size_t block = 0; block < packed.block_offset.size(); ++block) {
    const int first = static_cast<int>(block) * kBlockColumns;
    const int count = std::min(kBlockColumns, columns - first);
    const int width = 16 * vectors_of(columns - first);
    std::int8_t* to = packed.data.data() + packed.block_offset[block];
    std::int32_t* sums = packed.column_sum.data() + first;
    for (int k = 0; k < packed.reduction; ++k) {
      const std::uint8_t* from =
          codes.data() + row_offset[static_cast<std::size_t>(k)] + first * column_stride;
      std::int8_t* lane = to + std::int64_t{k / 4} * 4 * width + k % 4;
      for (int n = 0; n < count; ++n) {
        const int value = from[n * column_stride] - 128;
        lane[std::int64_t{4} * n] = static_cast<std::int8_t>(value);
        sums[n] += value;
      }
    }
  }
  return packed;
}

void multiply_packed(const std::uint8_t* a, std::ptrdiff_t lda, int rows, std::int32_t zero_a,
                     const PackedMatrix& b, std::span<const std::int32_t> bias, std::int32_t* c,
                     std::ptrdiff_t ldc) {
  std::vector<std::int32_t> row_sums(static_cast<std::size_t>(rows));
  kernels().row_sums(a, lda, rows, b.reduction, row_sums.data());
  std::int32_t terms[kBlockColumns];
  for (std::size_t block = 0; block < b.block_offset.size(); ++block) {
    const int first = static_cast<int>(block) * kBlockColumns;
    const int count = std::min(kBlockColumns, b.columns - first);
    for (int n = 0; n < kBlockColumns; ++n) {
      const std::int64_t term =
          -std::int64_t{zero_a} * b.column_sum[static_cast<std::size_t>(first + n)] +
          std::int64_t{b.reduction} * zero_a * b.zero_point +
          (bias.empty() || n >= count ? 0 : bias[static_cast<std::size_t>(first + n)]);
      terms[n] = static_cast<std::int32_t>(static_cast<std::uint32_t>(term));
    }
    kernels().gemm({a, lda, rows, (b.reduction + 3) / 4, b.data.data() + b.block_offset[block],
                    vectors_of(b.columns - first), count, c + first, ldc, row_sums.data(),
                    -b.zero_point, terms});
  }
}

}  // namespace octet::model
