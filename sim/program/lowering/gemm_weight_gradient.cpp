// Weight gradient: the reduction runs over all pixels, so sums stay in the accumulators while the
// input and the gradient stream past.
#include <algorithm>

#include "sim/program/lowering/gemm.hpp"

namespace octet::sim {
namespace {

constexpr std::int64_t kSumBytes = 8;  // 48-bit sums in 64-bit words

struct Tile {
  ColumnTile columns;  // output channels
  Span reduction;      // rows of the array: taps and input channels of the group
};

}  // namespace

void gemm_weight_gradient(Builder& b, const GemmShape& s, int gradient, int x, int dw, int db) {
  const std::int64_t half_a = b.half_bytes(Pad::kActivation);
  const std::int64_t half_w = b.half_bytes(Pad::kWeight);
  const std::int64_t cap = b.half_bytes(Pad::kAccumulator) / (b.float32() ? 4 : kSumBytes);
  const std::int64_t code = b.tensor(gradient).element_bytes;
  const std::int64_t K = s.reduction();
  b.require(Pad::kWeight, s.x.out * code, "one row of one gradient channel");
  b.require(Pad::kAccumulator, kSumBytes, "one sum");
  // Columns: whole groups if all their sums fit, else as many as leave an array's height of rows.
  const std::int64_t row_most = half_w / (s.x.out * code);
  const std::int64_t height = std::min<std::int64_t>(K, b.hardware().rows);
  std::int64_t most = std::max<std::int64_t>(1, std::min(row_most, cap / height));
  if (most >= s.out_g()) most = std::max(s.out_g(), std::min(row_most, cap / K));
  const auto columns = cut_columns(s.groups, s.out_g(), most, b.hardware().cols);
  const ColumnTile& widest = columns.front();
  const std::int64_t rows_most =
      widest.g > 1 ? K : std::max<std::int64_t>(1, std::min(K, cap / widest.n));
  const std::int64_t x_row =
      b.tensor(x).element_bytes * s.x.in * (widest.g == s.groups ? s.in_c : widest.g * s.in_g());
  const auto x_rows = [&](std::int64_t rows) {
    std::int64_t most_rows = 0;
    for (std::int64_t r = 0; r < s.y.out; r += rows) {
      most_rows = std::max(most_rows, s.y.inputs_of({r, std::min(rows, s.y.out - r)}).count);
    }
    return most_rows;
  };
  b.require(Pad::kActivation, x_rows(1) * x_row, "the input of one output row");
  const auto fits = [&](std::int64_t images, std::int64_t rows) {
    return images * x_rows(rows) * x_row <= half_a &&
           images * rows * s.x.out * widest.g * widest.n * code <= half_w;
  };
  const auto row_tiles = cut_rows(s.batch, s.y.out, largest_rows(s.batch, s.y.out, fits));

  for (const ColumnTile& c : columns) {
    const std::int64_t channel0 = c.g0 * s.out_g() + c.n0;
    const std::int64_t channels = c.g * c.n;
    for (const Span& m : cut(K, rows_most)) {
      Half& acc = b.acquire(Pad::kAccumulator);
      int last = -1;
      for (const RowTile& r : row_tiles) {
        const std::int64_t pixel0 = (r.image0 * s.y.out + r.row0) * s.x.out;
        const std::int64_t pixels = r.images * r.rows * s.x.out;
        Half& g_half = b.acquire(Pad::kWeight);
        const ElementSet g_set = rows_of(pixel0, pixels, channel0, channels, s.out_c);
        const int g_ready = b.load(gradient, g_set, Pad::kWeight, g_half);
        const Span in = s.y.inputs_of({r.row0, r.rows});
        Half& x_half = b.acquire(Pad::kActivation);
        const bool all = c.g == s.groups;
        const std::int64_t x_images = r.images > 1 ? r.images * s.y.in : in.count;
        const ElementSet x_set =
            rows_of((r.image0 * s.y.in + (r.images > 1 ? 0 : in.first)) * s.x.in, x_images * s.x.in,
                    all ? 0 : c.g0 * s.in_g(), all ? s.in_c : c.g * s.in_g(), s.in_c);
        const int x_ready = x_set.count > 0 ? b.load(x, x_set, Pad::kActivation, x_half) : -1;
        Command gemm;
        gemm.op = Opcode::kGemm;
        gemm.a = x;
        gemm.b = gradient;
        gemm.out = dw;
        gemm.m0 = m.first;
        gemm.m = m.count;
        gemm.n0 = c.n0;
        gemm.n = c.n;
        gemm.k0 = pixel0;
        gemm.k = pixels;
        gemm.g0 = c.g0;
        gemm.g = c.g;
        gemm.rows = m.count;
        gemm.cols = c.n;
        gemm.depth = pixels;
        gemm.wide_operand = !b.float32() && code == 2 ? 1 : 0;
        gemm.accumulate = pixel0 > 0 ? 1 : 0;
        Deps deps = acc.prior;
        deps.insert(deps.end(), {g_ready, x_ready});
        last = b.emit(gemm, deps);
        b.use(acc, last);
        b.use(g_half, last);
        b.use(x_half, last);
        if (db >= 0 && m.first == 0) {
          Command sum = command_on(Opcode::kBiasSum, g_set, gradient, db);
          sum.accumulate = pixel0 > 0 ? 1 : 0;
          const int id = b.emit(sum, {g_ready});
          b.use(g_half, id);
          b.set_written(db, id);
        }
      }
      const ElementSet set = rows_of(channel0, channels, m.first, m.count, K);
      Command convert = command_on(Opcode::kGradient, set, dw, dw);
      convert.b = gradient;
      convert.c = x;
      const int id = b.emit(convert, {last});
      b.use(acc, id);
      b.store(dw, set, Pad::kAccumulator, acc, {id});
    }
  }
  if (db >= 0) {
    Command convert = command_on(Opcode::kGradient, {0, s.out_c, 0, 0, 0}, db, db);
    convert.b = gradient;
    convert.flags = kBias;
    b.set_written(db, b.emit(convert, {b.written(db)}));
  }
}

}  // namespace octet::sim
