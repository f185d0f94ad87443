#pragma once
#include <cstddef>
#include <cstdint>

#include "model/kernels/fc_jobs.hpp"

namespace octet::model {

// The inner loops that take the time, compiled once an instruction set (kernels.inc). Every table
// gives the same bytes as the plain references in model/ops and model/quant; tests hold them to it.

// Memory that is read next: a kernel may fetch it into the cache while it multiplies.
struct Upcoming {
  const void* at;
  std::size_t bytes;
};

// A convolution over lines of output pixels, u8 windows times packed s8 weights:
// c[pixel][column] = sum_k window[k] b[k][column] + row_term[pixel] + col_term[column], arithmetic
// modulo 2^32 (exact when the result fits); 0 where a mask is given and mask <= mask_zero. A window
// is `run_count` runs of 4 k4 bytes, each somewhere behind the pixel's start; a matrix product is
// the case of one run. Bytes that a run holds beyond the window meet zero weights.
struct ConvJob {
  const std::uint8_t* a;                     // the first pixel's start
  std::ptrdiff_t pixel_stride, line_stride;  // bytes
  int pixels, lines;
  const std::ptrdiff_t* runs;
  int run_count, k4;
  int chunk_k4;  // divides k4, at most 16
  // A run's bytes in use: `taps` groups of 4 tap_k4. With more than one tap, the next tap's group
  // is the next pixel's (4 tap_k4 = pixel_stride), so that neighbouring pixels share bytes.
  int taps, tap_k4;
  const std::int8_t* b;  // [run_count k4][16 vectors][4]
  int vectors;           // 1 or 2 groups of 16 columns
  int columns;           // valid ones, <= 16 vectors
  std::int32_t* c;
  std::ptrdiff_t pixel_step, line_step;  // elements of c and mask
  const std::int32_t* row_term;
  std::ptrdiff_t row_pixel, row_line;  // elements of row_term
  const std::int32_t* col_term;        // [16 vectors]
  const std::uint8_t* mask;            // laid out as c, or null
  std::int32_t mask_zero;
  std::int32_t *low, *high;  // widened to hold every c written
  Upcoming next;
};

// 16 columns of a weight gradient's activations, 64 bytes a quad.
struct QuadColumns {
  std::ptrdiff_t offset;  // bytes from an image's start to its first quad
  int first, last;        // quads of an image outside [first, last) hold zeros
};

// acc[row][column] += sum over images, quads and their 4 pixels of x g, modulo 2^32. A quad holds 4
// pixels side by side: x[..][16 columns][4] u8, g[..][16 rows][4] s8.
struct WeightGradientJob {
  const std::uint8_t* x;
  std::ptrdiff_t x_image;  // bytes from image to image
  const QuadColumns* columns;
  int column_groups;
  const std::int8_t* g;
  std::ptrdiff_t g_image, g_panel;  // bytes from image to image, from 16 rows to the next
  int rows;                         // a multiple of 16
  int quads, images;
  std::int32_t* acc;  // [rows][16 column_groups]
  Upcoming next_x, next_g;
};

// Where the pixels of a line of quads lie: `across` (4 or 2) neighbours in each of 4 / across
// lines. Pixel t of quad q: column q across + t % across of line t / across.
struct QuadPixels {
  std::ptrdiff_t pixel, line;  // elements from column to column, line to line
  int pixels;                  // of a line; quads hold zeros for pixels from here on
  int across;
};

// A line of quads: column e = tap * channels + c of pixel p is x[p + tap * tap_stride + c], stored
// at out[e / 16 * out_group + 64 quad + 4 (e % 16) + t]. sums[e] += its sum over the line.
struct QuadJob {
  const std::uint8_t* x;
  QuadPixels pixels;
  int taps;
  std::ptrdiff_t tap_stride;
  int channels;
  std::uint8_t* out;
  std::ptrdiff_t out_group;  // bytes
  std::int32_t* sums;
};

// The quads of an image's windows, whose rows are runs of neighbouring bytes: column e = row * run
// + b of pixel p of line y is x[y * line + p * pixel + row * row_step + b]. Stored as above, the
// lines behind each other; columns that fill up a group hold zeros. sums[e] += its sum over the
// image. Up to 32 bytes behind the last window may be read.
struct WindowQuadJob {
  const std::uint8_t* x;
  std::ptrdiff_t pixel, line, row_step;  // bytes
  int pixels, lines;
  int rows, run;
  std::uint8_t* out;
  std::ptrdiff_t out_group;
  std::int32_t* sums;
};

// A line of quads of gradient codes g[pixel + c] as signed bytes: row c holds (g & 255) - 128, row
// channels + c (16-bit codes) (g >> 8) - 128. Row r is stored at out[r / 16 * panel + 64 quad +
// 4 (r % 16) + t]; sums[r] += the bytes written.
struct SplitGradientJob {
  QuadPixels pixels;
  int channels;
  std::int8_t* out;
  std::ptrdiff_t panel;  // bytes
  std::int32_t* sums;
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
  // With `random`, a bound of |x| for each factor up to which floor(|x M| 2^16) < 2^30, and beyond
  // which every 8-bit code saturates: see stochastic_bound().
  const std::int32_t* bound;
  bool count;  // of saturated values; the result means nothing without
  bool near;   // all |x M| < 2^16, as for a range that holds the tensor (2^14 for 8-bit codes)
};

// Codes that are functions of other codes, a channel each: see AffineFactor (model/quant).
struct AffineJob {
  const std::uint8_t* g;
  std::size_t rows, channels;
  const std::uint32_t *factor, *constant, *shift, *flip, *below, *step;
  const std::int32_t* zero;
  std::int32_t q_max;
  const std::uint16_t* random;  // affine_u8
};

// Both copies of a wide gradient [rows][channels] with one factor each, and the sums that Range BN
// takes of them against the codes q: of (g - centre), of (g - centre) q, and the 8-bit copy's
// extremes, each widened; the centres are kCoarseCentre and kFineCentre. `coarse` is stochastic,
// `fine` nearest.
inline constexpr std::int32_t kCoarseCentre = 128, kFineCentre = 32768;
struct NormGradientJob {
  QuantiseKernelJob coarse, fine;
  std::size_t rows, channels;
  const std::uint8_t* q;
  std::uint8_t* coarse_codes;
  std::uint16_t* fine_codes;  // scratch where keep_fine is false
  bool keep_fine;
  std::int64_t *coarse_g, *coarse_gq, *fine_g, *fine_gq;
  std::uint8_t *low, *high;
};

// y[row][c] = clamp((factor[c] q[row][c] + constant[c] - step[c] [q[row][c] < below[c]]) >> shift,
// 0, q_max), the sum modulo 2^32; without `below` there are no steps.
struct ByteMapJob {
  const std::uint8_t* q;
  std::size_t rows, channels;
  const std::int32_t *factor, *constant, *below, *step;
  int shift;
  std::int32_t q_max;
  std::uint8_t* y;
};

// The sums low[c] .. high[c] at code first[c] with which factor[c] maps each code q in [first[c],
// last[c]] to y[q][c] of a table of all 256, (sum + factor (q - first)) >> shift being the code
// before it saturates; none where low > high, kNoLow or kNoHigh where an end has no bound. Numbers
// of 32 bits: shift <= 22, |factor| (last - first) <= 2^30.
struct ByteMapBounds {
  static constexpr std::int32_t kNoLow = INT32_MIN, kNoHigh = INT32_MAX;
  const std::uint8_t* y;
  std::size_t channels;
  const std::int32_t *factor, *first, *last;
  int shift;
  std::int32_t q_max;
  std::int32_t *low, *high;
};

// Max pooling of a line of output pixels whose windows have the same taps inside the image: pixel p
// reads from[p step + offsets[tap] + c], tap 0 first, and the first largest wins.
struct PoolLine {
  const std::ptrdiff_t* offsets;
  const std::uint16_t* indices;  // in the whole window
  int taps, pixels, channels;
  std::ptrdiff_t step;
};
// Its gradient: adds dy[p][c], where `best` is above `zero`, at the winner; or, where no windows
// overlap, stores it there and 0 at the other taps.
struct PoolGradientJob {
  PoolLine line;
  const std::int32_t* dy;
  const std::uint16_t* winner;
  const std::uint8_t* best;  // null: no mask
  std::int32_t zero;
  bool add;
  std::int32_t* dx;
  std::int32_t *low, *high;  // widened to hold what was stored or added
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

// out[i] = RQ(a', factor a) + RQ(b', factor b), nearest; 0 where a mask is given and mask <=
// mask_zero. Factors are (mantissa, exponent).
struct AddJob {
  std::size_t count;
  std::int32_t a[2], b[2];
  std::int32_t largest_a, largest_b;  // bounds of the wide operands' magnitudes
  const std::uint8_t* mask;           // or null
  std::int32_t mask_zero;
  std::int32_t* out;         // may be an operand
  std::int32_t *low, *high;  // widened to hold every value written
};

struct KernelTable {
  const char* name;
  void (*conv)(const ConvJob&);
  void (*weight_gradient)(const WeightGradientJob&);
  int weight_gradient_quads;  // of several small images, that one call does best with
  void (*quads)(const QuadJob&);
  void (*window_quads)(const WindowQuadJob&);
  void (*split_gradient_u8)(const SplitGradientJob&, const std::uint8_t* g);
  void (*split_gradient_u16)(const SplitGradientJob&, const std::uint16_t* g);
  std::int64_t (*quantise_u8)(const QuantiseKernelJob&, std::uint8_t* out);
  std::int64_t (*quantise_u16)(const QuantiseKernelJob&, std::uint16_t* out);
  // Stochastic; nearest.
  void (*affine_u8)(const AffineJob&, std::uint8_t* out);
  void (*affine_u16)(const AffineJob&, std::uint16_t* out);
  // True where it was done; false, with nothing written, where pass by pass is as good.
  bool (*norm_gradient)(const NormGradientJob&);
  void (*add_wide)(const AddJob&, const std::int32_t* a, const std::int32_t* b);
  void (*add_codes)(const AddJob&, const std::uint8_t* a, std::int32_t zero_a,
                    const std::uint8_t* b, std::int32_t zero_b);
  // Lowest and highest of the values that are numbers; infinities the wrong way round if none is.
  void (*float_extremes)(const float* x, std::size_t count, float* low, float* high);
  void (*byte_extremes)(const std::uint8_t* q, std::size_t count, std::int32_t* low,
                        std::int32_t* high);
  void (*extremes)(const std::int32_t* x, std::size_t count, std::int32_t* low, std::int32_t* high);
  // low[c], high[c] over rows; the caller sets the arrays first.
  void (*byte_channel_extremes)(const std::uint8_t* q, std::size_t rows, std::size_t channels,
                                std::uint8_t* low, std::uint8_t* high);
  void (*channel_extremes)(const std::int32_t* x, std::size_t rows, std::size_t channels,
                           std::int32_t* low, std::int32_t* high);
  void (*chunk_stats)(const std::uint8_t* q, std::int64_t begin, std::int64_t end,
                      std::size_t channels, const ChunkStats& stats);
  void (*normalise)(const NormaliseJob&);
  void (*map_bytes)(const ByteMapJob&);
  void (*map_bounds)(const ByteMapBounds&);
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
  // to[i] = factor times the sum over `taps` of from[offset[tap] + i], modulo 2^32.
  void (*window_sums)(const std::int32_t* from, const std::ptrdiff_t* offsets, int taps, int count,
                      std::int32_t factor, std::int32_t* to);
  // sums[row] = sum of a[row * stride .. + columns).
  void (*row_sums)(const std::uint8_t* a, std::ptrdiff_t stride, int rows, int columns,
                   std::int32_t* sums);
  // sum[c] += q[c] - zero; to[c] += from[c].
  void (*accumulate_codes)(const std::uint8_t* q, std::int32_t zero, std::size_t count,
                           std::int32_t* sum);
  void (*accumulate)(const std::int32_t* from, std::size_t count, std::int32_t* to);
  // to[i] += from[i] 2^shift; to[i] += factor x[i] + constant.
  void (*accumulate_shifted)(const std::int32_t* from, std::size_t count, int shift,
                             std::int64_t* to);
  void (*accumulate_scaled)(const std::int64_t* x, std::size_t count, std::int64_t factor,
                            std::int64_t constant, std::int64_t* to);
  void (*pool_maximum)(const PoolLine&, const std::uint8_t* from, std::uint8_t* best,
                       std::uint16_t* winner);
  void (*pool_gradient)(const PoolGradientJob&);
  // e[row][c] = gain[c] g[row][c] - offset[c].
  void (*centre_gradient)(const std::uint8_t* g, std::size_t rows, std::size_t channels,
                          const std::int32_t* gain, const std::int32_t* offset, std::int32_t* e);
  // Fully connected layers, and the path of all weights: fc_jobs.hpp.
  void (*row_products)(const RowProductJob&);
  void (*row_quads)(const RowQuadJob&);
  void (*column_pairs)(const ColumnPairJob&);
  void (*gradient_pairs_u8)(const GradientPairJob&, const std::uint8_t* first,
                            const std::uint8_t* second);
  void (*gradient_pairs_u16)(const GradientPairJob&, const std::uint16_t* first,
                             const std::uint16_t* second);
  void (*pair_products)(const PairProductJob&);
  // to[i] = f32(sums[i] + term[i]) scale, the sum modulo 2^32; to[i] = f32(sums[i]) scale.
  void (*sums_to_floats)(const std::int32_t* sums, const std::int32_t* term, std::size_t count,
                         float scale, float* to);
  void (*wide_sums_to_floats)(const std::int64_t* sums, std::size_t count, float scale, float* to);
  void (*sgd)(const SgdJob&);
};

// The best table for this processor, or the one that OCTET_ISA names (scalar, avx2, avx512, amx).
[[nodiscard]] const KernelTable& kernels();
// A table by name, null where this build or processor lacks it (tests).
[[nodiscard]] const KernelTable* kernels_named(const char* name);

}  // namespace octet::model
