#include "model/float32/norm.hpp"
#include "model/float32/row_sums.hpp"

namespace octet::model::float32 {
namespace {

constexpr int kSlices = 16;
constexpr std::int64_t kGrain = 64;  // rows

}  // namespace

template <class Real>
void norm_apply(std::span<const Real> x, const NormParameters<Real>& parameters, ThreadPool& pool,
                std::span<Real> y) {
  const NormParameters<Real>& p = parameters;
  const std::size_t width = p.mean.size();
  std::vector<Real> gain(width);
  for (std::size_t c = 0; c < width; ++c) gain[c] = p.gamma[c] * p.inverse[c];
  const auto rows = static_cast<std::int64_t>(x.size() / width);
  pool.split(rows, kGrain, [&](std::int64_t begin, std::int64_t end, int) {
    const Real* __restrict in = x.data() + static_cast<std::size_t>(begin) * width;
    Real* __restrict out = y.data() + static_cast<std::size_t>(begin) * width;
    for (std::int64_t row = begin; row < end; ++row, in += width, out += width)
      for (std::size_t c = 0; c < width; ++c) out[c] = gain[c] * (in[c] - p.mean[c]) + p.beta[c];
  });
}

template <class Real>
void norm_parameter_gradients(std::span<const Real> h, std::span<const Real> x,
                              const NormStatistics<Real>& statistics, ThreadPool& pool,
                              std::span<Real> dgamma, std::span<Real> dbeta) {
  const std::size_t width = statistics.mean.size();
  const auto n = static_cast<std::int64_t>(x.size() / width);
  RowSums<Real> sums(n, chunk_count(n, kSlices), 2 * width);
  sums.all(pool, [&](std::int64_t row, Real* __restrict sum) {
    const Real* __restrict gradient = h.data() + static_cast<std::size_t>(row) * width;
    const Real* __restrict value = x.data() + static_cast<std::size_t>(row) * width;
    const Real* __restrict mean = statistics.mean.data();
    for (std::size_t c = 0; c < width; ++c) sum[c] += gradient[c];
    for (std::size_t c = 0; c < width; ++c) sum[width + c] += gradient[c] * (value[c] - mean[c]);
  });
  for (std::size_t c = 0; c < width; ++c) {
    dbeta[c] = static_cast<Real>(sums.total(c));
    dgamma[c] = static_cast<Real>(sums.total(width + c)) * statistics.inverse[c];
  }
}

template <class Real>
void range_bn_data_gradient(std::span<const Real> h, const NormStatistics<Real>& statistics,
                            const NormBackward<Real>& backward, ThreadPool& pool,
                            std::span<Real> dx) {
  const std::size_t width = statistics.mean.size();
  const auto n = static_cast<std::int64_t>(h.size() / width);
  std::vector<Real> gain(width);
  std::vector<Real> mean_gradient(width);
  for (std::size_t c = 0; c < width; ++c) {
    gain[c] = backward.gamma[c] * statistics.inverse[c];
    mean_gradient[c] = backward.dbeta[c] / static_cast<Real>(n);
  }
  pool.split(n, kGrain, [&](std::int64_t begin, std::int64_t end, int) {
    const Real* __restrict in = h.data() + static_cast<std::size_t>(begin) * width;
    Real* __restrict out = dx.data() + static_cast<std::size_t>(begin) * width;
    for (std::int64_t row = begin; row < end; ++row, in += width, out += width)
      for (std::size_t c = 0; c < width; ++c) out[c] = gain[c] * (in[c] - mean_gradient[c]);
  });
  // Only the extremes feel the range.
  const Real share = statistics.constant / static_cast<Real>(statistics.chunks);
  for (std::size_t at = 0; at < statistics.argmax.size(); ++at) {
    const std::size_t c = at % width;
    const Real pull = gain[c] * (share * backward.dgamma[c]);
    dx[static_cast<std::size_t>(statistics.argmax[at]) * width + c] -= pull;
    dx[static_cast<std::size_t>(statistics.argmin[at]) * width + c] += pull;
  }
}

template <class Real>
void batch_norm_data_gradient(std::span<const Real> h, std::span<const Real> x,
                              const NormStatistics<Real>& statistics,
                              const NormBackward<Real>& backward, ThreadPool& pool,
                              std::span<Real> dx) {
  const std::size_t width = statistics.mean.size();
  const auto n = static_cast<std::int64_t>(h.size() / width);
  std::vector<Real> gain(width);
  std::vector<Real> mean_gradient(width);
  std::vector<Real> slope(width);
  for (std::size_t c = 0; c < width; ++c) {
    gain[c] = backward.gamma[c] * statistics.inverse[c];
    mean_gradient[c] = backward.dbeta[c] / static_cast<Real>(n);
    slope[c] = statistics.inverse[c] * backward.dgamma[c] / static_cast<Real>(n);
  }
  pool.split(n, kGrain, [&](std::int64_t begin, std::int64_t end, int) {
    const std::size_t first = static_cast<std::size_t>(begin) * width;
    const Real* __restrict in = h.data() + first;
    const Real* __restrict value = x.data() + first;
    Real* __restrict out = dx.data() + first;
    for (std::int64_t row = begin; row < end; ++row, in += width, value += width, out += width)
      for (std::size_t c = 0; c < width; ++c)
        out[c] = gain[c] * (in[c] - mean_gradient[c] - (value[c] - statistics.mean[c]) * slope[c]);
  });
}

#define OCTET_INSTANTIATE(Real)                                                                   \
  template void norm_apply<Real>(std::span<const Real>, const NormParameters<Real>&, ThreadPool&, \
                                 std::span<Real>);                                                \
  template void norm_parameter_gradients<Real>(std::span<const Real>, std::span<const Real>,      \
                                               const NormStatistics<Real>&, ThreadPool&,          \
                                               std::span<Real>, std::span<Real>);                 \
  template void range_bn_data_gradient<Real>(std::span<const Real>, const NormStatistics<Real>&,  \
                                             const NormBackward<Real>&, ThreadPool&,              \
                                             std::span<Real>);                                    \
  template void batch_norm_data_gradient<Real>(                                                   \
      std::span<const Real>, std::span<const Real>, const NormStatistics<Real>&,                  \
      const NormBackward<Real>&, ThreadPool&, std::span<Real>)
OCTET_INSTANTIATE(float);
OCTET_INSTANTIATE(double);
#undef OCTET_INSTANTIATE

}  // namespace octet::model::float32
