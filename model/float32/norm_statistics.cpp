#include <cmath>
#include <limits>

#include "model/float32/norm.hpp"
#include "model/float32/row_sums.hpp"

namespace octet::model::float32 {
namespace {

constexpr int kSlices = 16;

// The extremes of one chunk of rows and where they are, for every channel at once.
template <class Real>
struct ChunkExtremes {
  std::vector<Real> high, low;

  void begin(const Real* x, std::size_t channels) {
    high.assign(x, x + channels);
    low.assign(x, x + channels);
  }
};

template <class Real>
void add_row(const Real* __restrict x, std::int32_t row, std::size_t channels, Real* __restrict sum,
             Real* __restrict high, Real* __restrict low, std::int32_t* __restrict argmax,
             std::int32_t* __restrict argmin) {
  for (std::size_t c = 0; c < channels; ++c) {
    const Real value = x[c];
    sum[c] += value;
    const bool above = value > high[c];
    const bool below = value < low[c];
    high[c] = above ? value : high[c];
    argmax[c] = above ? row : argmax[c];
    low[c] = below ? value : low[c];
    argmin[c] = below ? row : argmin[c];
  }
}

}  // namespace

template <class Real>
Real range_bn_inverse(Real range, Real constant) {
  const Real scaled = range * constant;
  return scaled >= std::numeric_limits<Real>::min() ? Real{1} / scaled : Real{0};
}

template <class Real>
Real batch_norm_inverse(Real variance) {
  return Real{1} / std::sqrt(variance + static_cast<Real>(kBatchNormEpsilon));
}

template <class Real>
void range_bn_statistics(std::span<const Real> x, int channels, int chunks, Real constant,
                         ThreadPool& pool, NormStatistics<Real>& statistics) {
  const auto width = static_cast<std::size_t>(channels);
  const auto n = static_cast<std::int64_t>(x.size() / width);
  NormStatistics<Real>& s = statistics;
  s.chunks = chunks;
  s.constant = constant;
  s.argmax.resize(width * static_cast<std::size_t>(chunks));
  s.argmin.resize(s.argmax.size());
  std::vector<Real> range(s.argmax.size());
  RowSums<Real> sums(n, chunks, width);
  pool.run(chunks, [&](int chunk) {
    const std::int64_t first = chunk_begin(n, chunks, chunk);
    const std::size_t at = static_cast<std::size_t>(chunk) * width;
    std::fill_n(s.argmax.begin() + static_cast<std::ptrdiff_t>(at), width, first);
    std::fill_n(s.argmin.begin() + static_cast<std::ptrdiff_t>(at), width, first);
    ChunkExtremes<Real> extremes;
    extremes.begin(x.data() + static_cast<std::size_t>(first) * width, width);
    sums.slice(chunk, [&](std::int64_t row, Real* sum) {
      add_row(x.data() + static_cast<std::size_t>(row) * width, static_cast<std::int32_t>(row),
              width, sum, extremes.high.data(), extremes.low.data(), s.argmax.data() + at,
              s.argmin.data() + at);
    });
    for (std::size_t c = 0; c < width; ++c) range[at + c] = extremes.high[c] - extremes.low[c];
  });
  s.mean.resize(width);
  s.spread.assign(width, Real{0});
  s.inverse.resize(width);
  for (std::size_t c = 0; c < width; ++c) {
    s.mean[c] = static_cast<Real>(sums.total(c) / static_cast<double>(n));
    for (int k = 0; k < chunks; ++k) s.spread[c] += range[static_cast<std::size_t>(k) * width + c];
    s.spread[c] /= static_cast<Real>(chunks);
    s.inverse[c] = range_bn_inverse(s.spread[c], constant);
  }
}

template <class Real>
void batch_norm_statistics(std::span<const Real> x, int channels, ThreadPool& pool,
                           NormStatistics<Real>& statistics) {
  const auto width = static_cast<std::size_t>(channels);
  const auto n = static_cast<std::int64_t>(x.size() / width);
  const int slices = chunk_count(n, kSlices);
  RowSums<Real> sums(n, slices, width);
  sums.all(pool, [&](std::int64_t row, Real* sum) {
    const Real* values = x.data() + static_cast<std::size_t>(row) * width;
    for (std::size_t c = 0; c < width; ++c) sum[c] += values[c];
  });
  std::vector<Real> mean(width);
  for (std::size_t c = 0; c < width; ++c)
    mean[c] = static_cast<Real>(sums.total(c) / static_cast<double>(n));
  RowSums<Real> squares(n, slices, width);
  squares.all(pool, [&](std::int64_t row, Real* sum) {
    const Real* values = x.data() + static_cast<std::size_t>(row) * width;
    for (std::size_t c = 0; c < width; ++c) sum[c] += (values[c] - mean[c]) * (values[c] - mean[c]);
  });
  statistics.mean = mean;
  statistics.spread.resize(width);
  statistics.inverse.resize(width);
  for (std::size_t c = 0; c < width; ++c) {
    statistics.spread[c] = static_cast<Real>(squares.total(c) / static_cast<double>(n));
    statistics.inverse[c] = batch_norm_inverse(statistics.spread[c]);
  }
}

#define OCTET_INSTANTIATE(Real)                                                               \
  template Real range_bn_inverse<Real>(Real, Real);                                           \
  template Real batch_norm_inverse<Real>(Real);                                               \
  template void range_bn_statistics<Real>(std::span<const Real>, int, int, Real, ThreadPool&, \
                                          NormStatistics<Real>&);                             \
  template void batch_norm_statistics<Real>(std::span<const Real>, int, ThreadPool&,          \
                                            NormStatistics<Real>&)
OCTET_INSTANTIATE(float);
OCTET_INSTANTIATE(double);
#undef OCTET_INSTANTIATE

}  // namespace octet::model::float32
