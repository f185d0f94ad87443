#pragma once
#include <cstddef>
#include <cstdint>

namespace octet::model {

// The inner loops that take the time, compiled once an instruction set (kernels.inc). Every table
// gives the same bytes as the plain references in model/ops and model/quant; tests hold them to it.

// Rows of u8 times packed s8 columns: c[row][col] = sum_k a[row][k] b[k][col] + row_term[row] *
// row_factor + col_term[col], arithmetic modulo 2^32 (exact when the result fits).
struct GemmJob {
  const std::uint8_t* a;  // [rows][lda], lda >= 4 k4, readable to 4 k4
  std::ptrdiff_t lda;
  int rows;
  int k4;                // groups of four along the reduction
  const std::int8_t* b;  // [k4][16 vectors][4]
  int vectors;           // 1..4 groups of 16 columns
  int columns;           // valid ones, <= 16 vectors
  std::int32_t* c;
  std::ptrdiff_t ldc;
  const std::int32_t* row_term;
  std::int32_t row_factor;
  const std::int32_t* col_term;  // [16 vectors]
};

// acc[row][col] += sum over 4 m4 values of p[m][col] * g[row][m], modulo 2^32.
struct OuterJob {
  const std::uint8_t* p;  // [m4][columns][4], columns a multiple of 16
  std::ptrdiff_t columns;
  int m4;
  const std::int8_t* g;  // [rows][ldg]
  std::ptrdiff_t ldg;
  int rows;
  std::int32_t* acc;  // [rows][columns]
};

// Wide integers to codes; `channels` multipliers, applied in turn from the first element.
struct QuantiseKernelJob {
  const std::int32_t* x;
  std::size_t rows;      // elements = rows * channels
  std::size_t channels;  // with one multiplier for all: rows 1, channels = elements, uniform true
  bool uniform;
  const std::int32_t* mantissa;
  const std::int32_t* exponent;
  std::int32_t zero_point, q_max;
  const std::uint16_t* random;  // null: nearest
};

// Statistics of one chunk of rows of q[..][channels]: arrays of `channels` values.
struct ChunkStats {
  std::uint32_t* sum;
  std::int32_t *high, *argmax, *low, *argmin;
};

struct NormaliseJob {
  const std::uint8_t* q;
  std::size_t rows, channels;
  const std::int32_t *mu, *mantissa, *exponent, *bias;
  std::int32_t zero_point, q_max;
  const std::uint16_t* random;  // null: nearest
  std::uint8_t* y;
};

struct KernelTable {
  const char* name;
  void (*gemm)(const GemmJob&);
  void (*outer)(const OuterJob&);
  void (*interleave4)(const std::uint8_t* const rows[4], std::size_t count, std::uint8_t* out);
  std::int64_t (*quantise_u8)(const QuantiseKernelJob&, std::uint8_t* out);
  std::int64_t (*quantise_u16)(const QuantiseKernelJob&, std::uint16_t* out);
  void (*extremes)(const std::int32_t* x, std::size_t count, std::int32_t* low, std::int32_t* high);
  // low[c], high[c] over rows; the caller sets the arrays first.
  void (*channel_extremes)(const std::int32_t* x, std::size_t rows, std::size_t channels,
                           std::int32_t* low, std::int32_t* high);
  void (*chunk_stats)(const std::uint8_t* q, std::int64_t begin, std::int64_t end,
                      std::size_t channels, const ChunkStats& stats);
  void (*normalise)(const NormaliseJob&);
  // sum_g[c] += sum (g - z), sum_gq[c] += sum (g - z) q.
  void (*gradient_sums_u8)(const std::uint8_t* g, std::int32_t zero, const std::uint8_t* q,
                           std::size_t rows, std::size_t channels, std::int64_t* sum_g,
                           std::int64_t* sum_gq);
  void (*gradient_sums_u16)(const std::uint16_t* g, std::int32_t zero, const std::uint8_t* q,
                            std::size_t rows, std::size_t channels, std::int64_t* sum_g,
                            std::int64_t* sum_gq);
  void (*fill_random)(std::uint32_t seed, std::uint32_t step, std::uint32_t stream,
                      std::uint64_t first_block, std::uint16_t* out, std::size_t blocks);
  void (*quantise_floats)(const float* values, std::size_t count, float scale,
                          std::int32_t zero_point, std::int32_t q_max, std::uint8_t* out);
  void (*relu_backward)(const std::int32_t* dy, const std::uint8_t* y, std::int32_t zero_point,
                        std::size_t count, std::int32_t* dx);
  // sums[row] = sum of a[row][0 .. columns).
  void (*row_sums)(const std::uint8_t* a, std::ptrdiff_t lda, int rows, int columns,
                   std::int32_t* sums);
  // One window element of all channels: from[c] replaces best[c] where it is larger.
  void (*pool_maximum)(const std::uint8_t* from, std::int32_t base, std::size_t channels,
                       bool first, std::uint8_t* best, std::int32_t* winner);
  // e[row][c] = gain[c] g[row][c] - offset[c].
  void (*centre_gradient)(const std::uint8_t* g, std::size_t rows, std::size_t channels,
                          const std::int32_t* gain, const std::int32_t* offset, std::int32_t* e);
};

// The best table for this processor, or the one that OCTET_ISA names (scalar, avx2, avx512).
[[nodiscard]] const KernelTable& kernels();
// A table by name, null where this build or processor lacks it (tests).
[[nodiscard]] const KernelTable* kernels_named(const char* name);

}  // namespace octet::model
