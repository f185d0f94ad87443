#include "model/float32/norm.hpp"
#include "model/float32/passes.hpp"
#include "model/float32/tiles.hpp"

namespace octet::model::float32 {
namespace {

// gamma inverse, and dbeta / n.
template <class Real>
struct Slopes {
  Slopes(const NormStatistics<Real>& statistics, const NormBackward<Real>& backward,
         std::int64_t n) {
    for (std::size_t c = 0; c < backward.gamma.size(); ++c) {
      gain.push_back(backward.gamma[c] * statistics.inverse[c]);
      mean_gradient.push_back(backward.dbeta[c] / static_cast<Real>(n));
    }
  }
  std::vector<Real> gain, mean_gradient;
};

}  // namespace

template <class Real>
void norm_apply(std::span<const Real> x, const NormParameters<Real>& parameters, bool relu,
                std::span<Real> y) {
  const NormParameters<Real>& p = parameters;
  std::vector<Real> gain(p.mean.size());
  for (std::size_t c = 0; c < gain.size(); ++c) gain[c] = p.gamma[c] * p.inverse[c];
  const std::size_t rows = tile_rows(gain.size());
  const auto means = repeat<Real>(p.mean, rows);
  const auto gains = repeat<Real>(gain, rows);
  const auto shifts = repeat<Real>(p.beta, rows);
  const auto pass = relu ? passes<Real>().affine_relu : passes<Real>().affine;
  pass(x.data(), x.size(), gains.size(), {means.data(), gains.data(), shifts.data()}, y.data());
}

template <class Real>
NormGradientGatherer<Real>::NormGradientGatherer(int ranges, int channels)
    : channels_(static_cast<std::size_t>(channels)),
      sums_(static_cast<std::size_t>(ranges), std::vector<double>(channels_)),
      products_(sums_) {}

template <class Real>
void NormGradientGatherer<Real>::gather(int range, std::span<const Real> h, std::span<const Real> x,
                                        std::span<const Real> mean) {
  const std::size_t tile = tile_rows(channels_) * channels_;
  const auto means = repeat<Real>(mean, tile_rows(channels_));
  std::vector<Real> sum(tile);
  std::vector<Real> product(tile);
  std::vector<double>& sums = sums_[static_cast<std::size_t>(range)];
  std::vector<double>& products = products_[static_cast<std::size_t>(range)];
  std::fill(sums.begin(), sums.end(), 0.0);
  std::fill(products.begin(), products.end(), 0.0);
  each_run(x.size(), tile, [&](std::size_t at, std::size_t length) {
    std::fill(sum.begin(), sum.end(), Real{0});
    std::fill(product.begin(), product.end(), Real{0});
    passes<Real>().gradients(h.data() + at, x.data() + at, length, tile, means.data(), sum.data(),
                             product.data());
    add_lanes<Real>(sum, sums);
    add_lanes<Real>(product, products);
  });
}

template <class Real>
void NormGradientGatherer<Real>::finish(std::span<const Real> inverse, std::span<Real> dgamma,
                                        std::span<Real> dbeta) const {
  for (std::size_t c = 0; c < channels_; ++c) {
    double sum = 0;
    double product = 0;
    for (std::size_t range = 0; range < sums_.size(); ++range) {
      sum += sums_[range][c];
      product += products_[range][c];
    }
    dbeta[c] = static_cast<Real>(sum);
    dgamma[c] = static_cast<Real>(product) * inverse[c];
  }
}

template <class Real>
void range_bn_data_gradient(std::span<const Real> h, const NormStatistics<Real>& statistics,
                            const NormBackward<Real>& backward, const RowRange& range,
                            std::int64_t n, std::span<Real> dx) {
  const Slopes<Real> slopes(statistics, backward, n);
  const std::size_t width = slopes.gain.size();
  const std::size_t rows = tile_rows(width);
  const auto means = repeat<Real>(slopes.mean_gradient, rows);
  const auto gains = repeat<Real>(slopes.gain, rows);
  const std::vector<Real> none(gains.size());
  passes<Real>().affine(h.data(), h.size(), gains.size(), {means.data(), gains.data(), none.data()},
                        dx.data());
  // Only the extremes feel the range.
  const Real share = statistics.constant / static_cast<Real>(statistics.chunks);
  const auto pull = [&](std::int64_t row, std::size_t c, Real by) {
    if (row >= range.begin && row < range.end)
      dx[static_cast<std::size_t>(row - range.begin) * width + c] += by;
  };
  for (std::size_t at = 0; at < statistics.argmax.size(); ++at) {
    const std::size_t c = at % width;
    const Real by = slopes.gain[c] * (share * backward.dgamma[c]);
    pull(statistics.argmax[at], c, -by);
    pull(statistics.argmin[at], c, by);
  }
}

template <class Real>
void batch_norm_data_gradient(std::span<const Real> h, std::span<const Real> x,
                              const NormStatistics<Real>& statistics,
                              const NormBackward<Real>& backward, std::int64_t n,
                              std::span<Real> dx) {
  const Slopes<Real> slopes(statistics, backward, n);
  const std::size_t width = slopes.gain.size();
  std::vector<Real> slope(width);
  for (std::size_t c = 0; c < width; ++c)
    slope[c] = statistics.inverse[c] * backward.dgamma[c] / static_cast<Real>(n);
  const std::size_t rows = tile_rows(width);
  const auto means = repeat<Real>(statistics.mean, rows);
  const auto gains = repeat<Real>(slopes.gain, rows);
  const auto mean_gradients = repeat<Real>(slopes.mean_gradient, rows);
  const auto slope_lanes = repeat<Real>(slope, rows);
  passes<Real>().batch_backward(
      h.data(), x.data(), h.size(), gains.size(),
      {means.data(), gains.data(), mean_gradients.data(), slope_lanes.data()}, dx.data());
}

#define OCTET_INSTANTIATE(Real)                                                                  \
  template void norm_apply<Real>(std::span<const Real>, const NormParameters<Real>&, bool,       \
                                 std::span<Real>);                                               \
  template class NormGradientGatherer<Real>;                                                     \
  template void range_bn_data_gradient<Real>(std::span<const Real>, const NormStatistics<Real>&, \
                                             const NormBackward<Real>&, const RowRange&,         \
                                             std::int64_t, std::span<Real>);                     \
  template void batch_norm_data_gradient<Real>(                                                  \
      std::span<const Real>, std::span<const Real>, const NormStatistics<Real>&,                 \
      const NormBackward<Real>&, std::int64_t, std::span<Real>)
OCTET_INSTANTIATE(float);
OCTET_INSTANTIATE(double);
#undef OCTET_INSTANTIATE

}  // namespace octet::model::float32
