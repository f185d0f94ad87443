#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace octet::model {

// The right-hand side [K][N] of a byte GEMM, as the kernels read it: codes minus 128 as s8, in
// blocks of 64 columns (the last one narrower), four reduction indices side by side, zero-filled.
struct PackedMatrix {
  std::int32_t reduction = 0;   // K
  std::int32_t columns = 0;     // N
  std::int32_t zero_point = 0;  // of the stored s8 values
  std::vector<std::int8_t> data;
  std::vector<std::int64_t> block_offset;  // start of each block in data
  std::vector<std::int32_t> column_sum;    // sum of the stored values, padded to 64 columns
};

// Element (k, n) of the source is codes[row_offset[k] + n * column_stride].
[[nodiscard]] PackedMatrix pack_matrix(std::span<const std::uint8_t> codes,
                                       std::span<const std::int64_t> row_offset,
                                       std::int64_t column_stride, std::int32_t columns,
                                       std::int32_t zero_point);

// c[row][n] = sum_k (a[row][k] - zero_a)(b[k][n] - zero_b) + bias[n], for `rows` rows of a with
// lda >= 4 ceil(K / 4), zero beyond K. bias may be empty. Modulo 2^32: exact when it fits.
void multiply_packed(const std::uint8_t* a, std::ptrdiff_t lda, int rows, std::int32_t zero_a,
                     const PackedMatrix& b, std::span<const std::int32_t> bias, std::int32_t* c,
                     std::ptrdiff_t ldc);

}  // namespace octet::model
