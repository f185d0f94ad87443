#include "model/ops/fully_connected.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

constexpr Extremes kNothing{std::numeric_limits<std::int32_t>::max(),
                            std::numeric_limits<std::int32_t>::min()};
constexpr int kPart = 4096;       // inputs of a forward product whose operands stay in the cache
constexpr int kQuadColumns = 32;  // of the data gradient at a time

Extremes or_zero(const Extremes& extremes) {
  return extremes.low > extremes.high ? Extremes{} : extremes;
}

std::int32_t wrapped(std::int64_t value) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
}

std::vector<std::int32_t> row_sums(const std::uint8_t* rows, int count, int columns) {
  std::vector<std::int32_t> sums(static_cast<std::size_t>(count));
  kernels().row_sums(rows, columns, count, columns, sums.data());
  return sums;
}

}  // namespace

Extremes fc_forward(const FcShape& shape, const Codes<std::uint8_t>& x,
                    const Codes<std::uint8_t>& w, std::span<const std::int32_t> bias, int first,
                    int last, std::span<std::int32_t> out) {
  // sum (x - z_x)(w - z_w) = sum x (w - 128) + (128 - z_w) sum x - z_x (sum w - K z_w).
  const int inputs = shape.inputs;
  const std::uint8_t* rows = w.q.data() + std::ptrdiff_t{first} * inputs;
  std::vector<std::int32_t> row_term = row_sums(x.q.data(), shape.batch, inputs);
  for (std::int32_t& term : row_term) term = wrapped(std::int64_t{128 - w.zero_point} * term);
  std::vector<std::int32_t> column_term = row_sums(rows, last - first, inputs);
  for (std::size_t o = 0; o < column_term.size(); ++o)
    column_term[o] = wrapped(-std::int64_t{x.zero_point} *
                                 (column_term[o] - std::int64_t{inputs} * w.zero_point) +
                             (bias.empty() ? 0 : bias[static_cast<std::size_t>(first) + o]));

  Extremes extremes = kNothing;
  RowProductJob job{};
  job.a_stride = job.b_stride = inputs;
  job.a_rows = shape.batch;
  job.b_rows = last - first;
  job.c = out.data() + first;
  job.c_stride = shape.outputs;
  job.low = &extremes.low;
  job.high = &extremes.high;
  const int parts = (inputs + kPart - 1) / kPart;
  const int step = ((inputs + parts - 1) / parts + 63) / 64 * 64;
  for (int at = 0; at < inputs; at += step) {
    job.a = x.q.data() + at;
    job.b = rows + at;
    job.k = std::min(step, inputs - at);
    job.add = at > 0;
    if (at + step >= inputs) {
      job.row_term = row_term.data();
      job.col_term = column_term.data();
    }
    kernels().row_products(job);
  }
  return or_zero(extremes);
}

FcDataGradient::FcDataGradient(const FcShape& shape, const Codes<std::uint8_t>& g)
    : shape_(shape),
      zero_g_(g.zero_point),
      sums_(row_sums(g.q.data(), shape.batch, shape.outputs)) {
  const int quads = (shape.outputs + 3) / 4;
  const int chunks = (quads + 15) / 16;
  chunk_k4_ = (quads + chunks - 1) / chunks;
  k4_ = chunk_k4_ * chunks;
  const auto outputs = static_cast<std::size_t>(shape.outputs);
  const std::size_t row = std::size_t{4} * static_cast<std::size_t>(k4_);
  g_.resize(row * static_cast<std::size_t>(shape.batch));
  for (std::size_t n = 0; n < static_cast<std::size_t>(shape.batch); ++n) {
    std::memcpy(g_.data() + n * row, g.q.data() + n * outputs, outputs);
    std::memset(g_.data() + n * row + outputs, 0, row - outputs);
  }
}

Extremes FcDataGradient::run(const Codes<std::uint8_t>& w, const ConvMask& mask, int first,
                             int last, std::span<std::int32_t> dx) const {
  // sum (g - z_g)(w - z_w) = sum g (w - 128) + (128 - z_w) sum g - z_g (sum w - O z_w).
  std::vector<std::int32_t> row_term = sums_;
  for (std::int32_t& term : row_term) term = wrapped(std::int64_t{128 - w.zero_point} * term);
  Buffer<std::int8_t> quads(static_cast<std::size_t>(k4_) * 4 * kQuadColumns);
  std::int32_t column_term[kQuadColumns] = {};
  constexpr std::ptrdiff_t kStart = 0;
  Extremes extremes = kNothing;
  ConvJob job{};
  job.a = g_.data();
  job.pixel_stride = std::ptrdiff_t{4} * k4_;
  job.pixels = shape_.batch;
  job.lines = 1;
  job.runs = &kStart;
  job.run_count = 1;
  job.k4 = k4_;
  job.chunk_k4 = chunk_k4_;
  job.taps = 1;
  job.tap_k4 = k4_;
  job.row_pixel = 1;
  job.b = quads.data();
  job.pixel_step = shape_.inputs;
  job.row_term = row_term.data();
  job.col_term = column_term;
  job.mask_zero = mask.zero_point;
  job.low = &extremes.low;
  job.high = &extremes.high;
  for (int at = first; at < last; at += kQuadColumns) {
    job.columns = std::min(kQuadColumns, last - at);
    job.vectors = job.columns > 16 ? 2 : 1;
    kernels().row_quads({w.q.data() + at, shape_.inputs, shape_.outputs, job.columns, k4_,
                         job.vectors, quads.data(), column_term});
    for (int c = 0; c < job.columns; ++c)
      column_term[c] =
          wrapped(-std::int64_t{zero_g_} *
                  (column_term[c] + std::int64_t{shape_.outputs} * (128 - w.zero_point)));
    job.c = dx.data() + at;
    job.mask = mask.codes.empty() ? nullptr : mask.codes.data() + at;
    kernels().conv(job);
  }
  return or_zero(extremes);
}

}  // namespace octet::model
