#include "model/ops/range_bn_fast.hpp"

#include <algorithm>

#include "model/kernels/kernels.hpp"

namespace octet::model {

void range_bn_chunks(std::span<const std::uint8_t> q, int channels, int chunks, int first, int last,
                     std::span<RangeBnStats> part, RangeBnExtremes& extremes) {
  const auto width = static_cast<std::size_t>(channels);
  const auto n = static_cast<std::int64_t>(q.size()) / channels;
  std::vector<std::uint32_t> sum(width);
  std::vector<std::int32_t> high(width), low(width), argmax(width), argmin(width);
  for (int k = first; k < last; ++k) {
    kernels().chunk_stats(q.data(), chunk_begin(n, chunks, k), chunk_begin(n, chunks, k + 1), width,
                          {sum.data(), high.data(), argmax.data(), low.data(), argmin.data()});
    for (std::size_t c = 0; c < width; ++c) {
      RangeBnStats& s = part[c];
      s.q_high = k == first ? high[c] : std::max(s.q_high, high[c]);
      s.q_low = k == first ? low[c] : std::min(s.q_low, low[c]);
      s.sum += sum[c];
      s.range_sum += high[c] - low[c];
      extremes.argmax[c * chunks + k] = argmax[c];
      extremes.argmin[c * chunks + k] = argmin[c];
    }
  }
}

void range_bn_combine(std::span<const std::vector<RangeBnStats>> parts, std::int64_t n,
                      std::span<RangeBnStats> stats) {
  std::copy(parts[0].begin(), parts[0].end(), stats.begin());
  for (const auto& part : parts.subspan(1))
    for (std::size_t c = 0; c < stats.size(); ++c) {
      stats[c].sum += part[c].sum;
      stats[c].range_sum += part[c].range_sum;
      stats[c].q_high = std::max(stats[c].q_high, part[c].q_high);
      stats[c].q_low = std::min(stats[c].q_low, part[c].q_low);
    }
  for (RangeBnStats& s : stats) {
    s.mu = range_bn_mean(s.sum, n);
    s.reciprocal = range_bn_reciprocal(s.range_sum);
  }
}

void range_bn_apply(std::span<const std::uint8_t> q, std::span<const RangeBnApply> channels,
                    std::uint64_t first_element, const QuantParams& out, Rounding rounding,
                    const RandomAddress& random, std::span<std::uint8_t> y) {
  const std::size_t width = channels.size();
  std::vector<std::int32_t> mu(width), mantissa(width), exponent(width), bias(width);
  for (std::size_t c = 0; c < width; ++c) {
    mu[c] = channels[c].mu;
    mantissa[c] = channels[c].factor.mantissa;
    exponent[c] = channels[c].factor.exponent;
    bias[c] = channels[c].bias;
  }
  const std::size_t step = std::max<std::size_t>(8192 / width, 1) * width;
  std::vector<std::uint16_t> bits(rounding == Rounding::kStochastic ? step : 0);
  for (std::size_t begin = 0; begin < q.size(); begin += step) {
    const std::size_t count = std::min(step, q.size() - begin);
    if (!bits.empty()) fill_random_bits(random, first_element + begin, bits.data(), count);
    kernels().normalise({q.data() + begin, count / width, width, mu.data(), mantissa.data(),
                         exponent.data(), bias.data(), out.zero_point, out.q_max,
                         bits.empty() ? nullptr : bits.data(), y.data() + begin});
  }
}

std::optional<RangeBnMap> range_bn_map(std::span<const RangeBnApply> channels,
                                       std::span<const RangeBnStats> stats,
                                       const QuantParams& out) {
  constexpr int kCodes = 256;
  const std::size_t width = channels.size();
  std::vector<std::uint8_t> codes(kCodes * width), y(codes.size());
  for (std::size_t i = 0; i < codes.size(); ++i) codes[i] = static_cast<std::uint8_t>(i / width);
  range_bn_apply(codes, channels, 0, out, Rounding::kNearest, {}, y);
  std::vector<std::int64_t> factor(width), low(width), high(width);
  std::vector<std::int32_t> first(width, 0), last(width, kCodes - 1);
  for (std::size_t c = 0; c < width; ++c) {
    const Multiplier& m = channels[c].factor;
    const int right = 31 - RangeBnMap::kShift + m.exponent;
    factor[c] = right > 0 ? (m.mantissa + (std::int64_t{1} << (right - 1))) >> right
                          : m.mantissa * (std::int64_t{1} << -right);
    if (!stats.empty()) {
      first[c] = stats[c].q_low;
      last[c] = stats[c].q_high;
    }
  }
  kernels().map_bounds({y.data(), width, factor.data(), first.data(), last.data(),
                        RangeBnMap::kShift, out.q_max, low.data(), high.data()});
  RangeBnMap map;
  map.q_max = out.q_max;
  for (std::size_t c = 0; c < width; ++c) {
    if (low[c] > high[c]) return std::nullopt;
    const std::int64_t constant = low[c] == -ByteMapBounds::kFar   ? high[c]
                                  : high[c] == ByteMapBounds::kFar ? low[c]
                                                                   : (low[c] + high[c]) / 2;
    // Both ends, and so all between them, must stay in 32 bits.
    for (const std::int64_t q : {first[c], last[c]})
      if (q * factor[c] + constant != static_cast<std::int32_t>(q * factor[c] + constant))
        return std::nullopt;
    map.factor.push_back(static_cast<std::int32_t>(factor[c]));
    map.constant.push_back(static_cast<std::int32_t>(constant));
  }
  return map;
}

void range_bn_apply(std::span<const std::uint8_t> q, const RangeBnMap& map,
                    std::span<std::uint8_t> y) {
  const std::size_t width = map.factor.size();
  kernels().map_bytes({q.data(), q.size() / width, width, map.factor.data(), map.constant.data(),
                       RangeBnMap::kShift, map.q_max, y.data()});
}

std::int64_t range_bn_quantise_gradient(const NormGradientJob& job) {
  const KernelTable& kernel = kernels();
  const bool fine = job.fine_codes != nullptr;
  if (fine && kernel.norm_gradient(job)) return 0;
  std::int64_t outside = kernel.quantise_u8(job.coarse, job.coarse_codes);
  kernel.gradient_sums_u8(job.coarse_codes, kCoarseCentre, job.q, job.rows, job.channels,
                          job.coarse_g, job.coarse_gq);
  kernel.byte_channel_extremes(job.coarse_codes, job.rows, job.channels, job.low, job.high);
  if (!fine) return outside;
  outside += kernel.quantise_u16(job.fine, job.fine_codes);
  kernel.gradient_sums_u16(job.fine_codes, kFineCentre, job.q, job.rows, job.channels, job.fine_g,
                           job.fine_gq);
  return outside;
}

}  // namespace octet::model
