#include <algorithm>

#include "model/fixed/div_away.hpp"
#include "model/ops/range_bn.hpp"

namespace octet::model {

std::int64_t chunk_begin(std::int64_t n, int chunks, int chunk) { return n * chunk / chunks; }

int chunk_count(std::int64_t n, int recipe_chunks) {
  return static_cast<int>(std::min<std::int64_t>(n, std::min(recipe_chunks, kMaxChunks)));
}

std::int32_t range_bn_mean(std::int64_t sum, std::int64_t n) {
  return static_cast<std::int32_t>((256 * sum + n / 2) / n);
}

std::int32_t range_bn_reciprocal(std::int32_t range_sum) {
  return range_sum == 0 ? 0 : ((1 << 30) + range_sum / 2) / range_sum;
}

void range_bn_statistics_ref(std::span<const std::uint8_t> q, int channels, int chunks,
                             std::span<RangeBnStats> stats, RangeBnExtremes& extremes) {
  const auto n = static_cast<std::int64_t>(q.size()) / channels;
  extremes.argmax.assign(static_cast<std::size_t>(channels) * chunks, 0);
  extremes.argmin.assign(static_cast<std::size_t>(channels) * chunks, 0);
  for (int c = 0; c < channels; ++c) {
    RangeBnStats s;
    s.q_low = s.q_high = q[c];
    for (int k = 0; k < chunks; ++k) {
      std::int64_t top = chunk_begin(n, chunks, k);
      std::int64_t bottom = top;
      for (std::int64_t i = top; i < chunk_begin(n, chunks, k + 1); ++i) {
        const int value = q[i * channels + c];
        s.sum += value;
        if (value > q[top * channels + c]) top = i;
        if (value < q[bottom * channels + c]) bottom = i;
      }
      const int high = q[top * channels + c];
      const int low = q[bottom * channels + c];
      s.range_sum += high - low;
      s.q_high = std::max(s.q_high, high);
      s.q_low = std::min(s.q_low, low);
      extremes.argmax[static_cast<std::size_t>(c) * chunks + k] = static_cast<std::int32_t>(top);
      extremes.argmin[static_cast<std::size_t>(c) * chunks + k] = static_cast<std::int32_t>(bottom);
    }
    s.mu = range_bn_mean(s.sum, n);
    s.reciprocal = range_bn_reciprocal(s.range_sum);
    stats[c] = s;
  }
}

std::int32_t range_bn_apply_value(std::int32_t q, const RangeBnApply& apply, const QuantParams& out,
                                  Rounding rounding, std::uint16_t random) {
  const std::int64_t v =
      std::int64_t{requantise_nearest(256 * q - apply.mu, apply.factor)} + apply.bias;
  const std::int64_t rounded =
      rounding == Rounding::kNearest ? rdbpot(v, 8) : (v + (random >> 8)) >> 8;
  return static_cast<std::int32_t>(saturate<std::int64_t>(rounded + out.zero_point, 0, out.q_max));
}

void range_bn_apply_ref(std::span<const std::uint8_t> q, std::span<const RangeBnApply> channels,
                        std::uint64_t first_element, const QuantParams& out, Rounding rounding,
                        const RandomAddress& random, std::span<std::uint8_t> y) {
  for (std::size_t i = 0; i < q.size(); ++i) {
    const std::uint64_t element = first_element + i;
    const std::uint16_t bits =
        rounding == Rounding::kStochastic ? random_bits(random, element) : std::uint16_t{0};
    y[i] = static_cast<std::uint8_t>(
        range_bn_apply_value(q[i], channels[element % channels.size()], out, rounding, bits));
  }
}

template <class Code>
void range_bn_gradient_sums_ref(std::span<const Code> gradient, std::int32_t zero_point,
                                std::span<const std::uint8_t> q,
                                std::span<const RangeBnStats> stats, std::span<RangeBnSums> sums) {
  std::fill(sums.begin(), sums.end(), RangeBnSums{});
  for (std::size_t i = 0; i < q.size(); ++i) {
    const std::size_t c = i % stats.size();
    const std::int64_t g = std::int64_t{gradient[i]} - zero_point;
    sums[c].gradient += g;
    sums[c].product += g * (256 * q[i] - stats[c].mu);
  }
}

template void range_bn_gradient_sums_ref<std::uint8_t>(std::span<const std::uint8_t>, std::int32_t,
                                                       std::span<const std::uint8_t>,
                                                       std::span<const RangeBnStats>,
                                                       std::span<RangeBnSums>);
template void range_bn_gradient_sums_ref<std::uint16_t>(std::span<const std::uint16_t>,
                                                        std::int32_t, std::span<const std::uint8_t>,
                                                        std::span<const RangeBnStats>,
                                                        std::span<RangeBnSums>);

RangeBnBackward range_bn_backward_scalars(const RangeBnSums& sums, std::int64_t n,
                                          std::int32_t range_sum) {
  if (range_sum == 0) return {};
  constexpr std::int64_t kLimit = std::int64_t{1} << 30;
  return {
      static_cast<std::int32_t>(div_away(256 * sums.gradient, n)),
      static_cast<std::int32_t>(saturate(div_away(sums.product, range_sum), -kLimit, kLimit - 1))};
}

void range_bn_backward_ref(std::span<const std::uint8_t> gradient, std::int32_t zero_point,
                           int channels, int chunks, std::span<const RangeBnStats> stats,
                           const RangeBnExtremes& extremes,
                           std::span<const RangeBnBackward> scalars, std::span<std::int32_t> e) {
  for (std::size_t i = 0; i < gradient.size(); ++i) {
    const std::size_t c = i % channels;
    e[i] = stats[c].range_sum == 0 ? 0 : 256 * (gradient[i] - zero_point) - scalars[c].mean;
  }
  for (int c = 0; c < channels; ++c) {
    if (stats[c].range_sum == 0) continue;
    for (int k = 0; k < chunks; ++k) {
      const std::size_t at = static_cast<std::size_t>(c) * chunks + k;
      e[std::int64_t{extremes.argmax[at]} * channels + c] -= scalars[c].extreme;
      e[std::int64_t{extremes.argmin[at]} * channels + c] += scalars[c].extreme;
    }
  }
}

}  // namespace octet::model
