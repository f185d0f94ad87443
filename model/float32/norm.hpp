#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "common/thread_pool.hpp"

namespace octet::model::float32 {

// Range BN and ordinary batch normalisation over x[n][channels]: docs/numerics.md section 6 without
// its quantisation. Real is float for training, double for the tests. Sums run in binary64 over
// fixed slices of the rows, so no result depends on the number of threads.
template <class Real>
struct NormStatistics {
  std::vector<Real> mean, inverse;  // y = gamma inverse (x - mean) + beta
  std::vector<Real> spread;         // mean range of the chunks, or biased variance
  int chunks = 0;                   // Range BN only, as the next two
  Real constant = 1;
  std::vector<std::int32_t> argmax, argmin;  // [chunks][channels]: row of each chunk's extreme
};

inline constexpr double kBatchNormEpsilon = 1e-5;

// 1 / (C range); 0 for a dead channel, whose range is zero or too small to have a finite inverse.
template <class Real>
[[nodiscard]] Real range_bn_inverse(Real range, Real constant);
template <class Real>
[[nodiscard]] Real batch_norm_inverse(Real variance);

// `chunks` at most n; the lowest row wins a tie.
template <class Real>
void range_bn_statistics(std::span<const Real> x, int channels, int chunks, Real constant,
                         ThreadPool& pool, NormStatistics<Real>& statistics);
template <class Real>
void batch_norm_statistics(std::span<const Real> x, int channels, ThreadPool& pool,
                           NormStatistics<Real>& statistics);

template <class Real>
struct NormParameters {
  std::span<const Real> mean, inverse, gamma, beta;
};
template <class Real>
void norm_apply(std::span<const Real> x, const NormParameters<Real>& parameters, ThreadPool& pool,
                std::span<Real> y);

// dbeta = sum h, dgamma = sum h (x - mean) inverse, for h = dL/dy.
template <class Real>
void norm_parameter_gradients(std::span<const Real> h, std::span<const Real> x,
                              const NormStatistics<Real>& statistics, ThreadPool& pool,
                              std::span<Real> dgamma, std::span<Real> dbeta);

// The gradients of gamma and beta above, which both forms of dx need.
template <class Real>
struct NormBackward {
  std::span<const Real> gamma, dgamma, dbeta;
};
// dx_i = gamma inverse (h_i - dbeta / n - (C dgamma / K) ([i is a maximum] - [i is a minimum]))
template <class Real>
void range_bn_data_gradient(std::span<const Real> h, const NormStatistics<Real>& statistics,
                            const NormBackward<Real>& backward, ThreadPool& pool,
                            std::span<Real> dx);
// dx_i = gamma inverse (h_i - dbeta / n - (x_i - mean) inverse dgamma / n)
template <class Real>
void batch_norm_data_gradient(std::span<const Real> h, std::span<const Real> x,
                              const NormStatistics<Real>& statistics,
                              const NormBackward<Real>& backward, ThreadPool& pool,
                              std::span<Real> dx);

}  // namespace octet::model::float32
