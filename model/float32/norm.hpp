#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace octet::model::float32 {

// Range BN and ordinary batch normalisation over x[rows][channels]: docs/numerics.md section 6
// without its quantisation. Real is float for training, double for the tests. Work is done in
// ranges of rows, which may run at the same time; the ranges decide the order of the sums.
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

struct RowRange {
  std::int64_t begin = 0, end = 0;
};

// Statistics, gathered range by range: row k n / K begins chunk k, the lowest row wins a tie.
// Short sums run in Real, sums of these in binary64; a variance is made from the ranges' own means
// and squared deviations (Chan, Golub, LeVeque 1979), so that one visit to a range is enough.
template <class Real>
class NormGatherer {
 public:
  // Ranges in order, without gaps from row 0. `chunks` at most the rows; 0: batch normalisation.
  NormGatherer(std::vector<RowRange> ranges, int channels, int chunks);
  // `x` holds the range's rows alone.
  void gather(int range, std::span<const Real> x);
  // From all ranges; `constant` C of Range BN.
  void finish(Real constant, NormStatistics<Real>& statistics) const;

 private:
  // A range, or its share of one chunk.
  struct Piece {
    RowRange rows;
    int chunk = 0;
    std::vector<double> sum, squares;  // squares: about the piece's own mean
    std::vector<Real> high, low;
    std::vector<std::int32_t> argmax, argmin;
  };
  void gather_sums(Piece& piece, const Real* x) const;
  void gather_extremes(Piece& piece, const Real* x) const;
  void finish_variance(NormStatistics<Real>& statistics) const;
  void finish_range(NormStatistics<Real>& statistics) const;

  std::size_t channels_;
  int chunks_;
  std::vector<RowRange> ranges_;
  std::vector<std::vector<Piece>> pieces_;  // of each range
};

template <class Real>
struct NormParameters {
  std::span<const Real> mean, inverse, gamma, beta;
};
// Of any rows; with `relu` the positive part.
template <class Real>
void norm_apply(std::span<const Real> x, const NormParameters<Real>& parameters, bool relu,
                std::span<Real> y);

// dbeta = sum h, dgamma = sum h (x - mean) inverse, for h = dL/dy, gathered range by range.
template <class Real>
class NormGradientGatherer {
 public:
  NormGradientGatherer(int ranges, int channels);
  void gather(int range, std::span<const Real> h, std::span<const Real> x,
              std::span<const Real> mean);
  void finish(std::span<const Real> inverse, std::span<Real> dgamma, std::span<Real> dbeta) const;

 private:
  std::size_t channels_;
  std::vector<std::vector<double>> sums_, products_;  // [range][channels]
};

// The gradients of gamma and beta above, which both forms of dx need.
template <class Real>
struct NormBackward {
  std::span<const Real> gamma, dgamma, dbeta;
};
// dx_i = gamma inverse (h_i - dbeta / n - (C dgamma / K) ([i is a maximum] - [i is a minimum]))
// for the rows of `range` out of n; h and dx hold these alone.
template <class Real>
void range_bn_data_gradient(std::span<const Real> h, const NormStatistics<Real>& statistics,
                            const NormBackward<Real>& backward, const RowRange& range,
                            std::int64_t n, std::span<Real> dx);
// dx_i = gamma inverse (h_i - dbeta / n - (x_i - mean) inverse dgamma / n) for any rows out of n.
template <class Real>
void batch_norm_data_gradient(std::span<const Real> h, std::span<const Real> x,
                              const NormStatistics<Real>& statistics,
                              const NormBackward<Real>& backward, std::int64_t n,
                              std::span<Real> dx);

}  // namespace octet::model::float32
