#include "model/ops/range_bn_fast.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

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
      s.q_high = std::max(s.q_high, high[c]);
      s.q_low = std::min(s.q_low, low[c]);
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

namespace {

// The maps that are looked for, channel by channel.
struct MapSearch {
  std::vector<std::uint8_t> y;  // [256][channels]
  std::vector<std::int32_t> factor;
  std::int32_t q_max;

  // Constants for the codes from first[c] to last[c] of each channel; false if some has none.
  bool constants(const std::vector<std::int32_t>& first, const std::vector<std::int32_t>& last,
                 std::vector<std::int32_t>& found) const {
    const std::size_t width = factor.size();
    for (std::size_t c = 0; c < width; ++c)
      if (std::abs(std::int64_t{factor[c]} * (last[c] - first[c])) > 1 << 30) return false;
    std::vector<std::int32_t> low(width), high(width);
    kernels().map_bounds({y.data(), width, factor.data(), first.data(), last.data(),
                          RangeBnMap::kShift, q_max, low.data(), high.data()});
    found.resize(width);
    for (std::size_t c = 0; c < width; ++c) {
      if (low[c] > high[c]) return false;
      const std::int64_t sum = low[c] == ByteMapBounds::kNoLow ? high[c]
                               : high[c] == ByteMapBounds::kNoHigh
                                   ? low[c]
                                   : (std::int64_t{low[c]} + high[c]) / 2;
      const std::int64_t end = sum + std::int64_t{factor[c]} * (last[c] - first[c]);
      if (last[c] >= first[c] && end != static_cast<std::int32_t>(end)) return false;
      found[c] = static_cast<std::int32_t>(sum - std::int64_t{factor[c]} * first[c]);
    }
    return true;
  }
};

// The gain in codes a code with kShift fraction bits, or as near as 32 bits come.
std::int32_t map_factor(Multiplier gain) {
  const int right = 31 - RangeBnMap::kShift + gain.exponent;
  const std::int64_t factor = right > 0
                                  ? (gain.mantissa + (std::int64_t{1} << (right - 1))) >> right
                                  : gain.mantissa * (std::int64_t{1} << -right);
  return saturate_int32(factor);
}

}  // namespace

std::optional<RangeBnMap> range_bn_map(std::span<const RangeBnApply> channels,
                                       std::span<const RangeBnStats> stats,
                                       const QuantParams& out) {
  constexpr int kCodes = 256;
  const std::size_t width = channels.size();
  std::vector<std::uint8_t> codes(kCodes * width);
  for (std::size_t q = 0; q < kCodes; ++q)
    std::fill_n(codes.data() + q * width, width, static_cast<std::uint8_t>(q));
  MapSearch search{std::vector<std::uint8_t>(codes.size()), {}, out.q_max};
  range_bn_apply(codes, channels, 0, out, Rounding::kNearest, {}, search.y);
  std::vector<std::int32_t> first(width, 0), last(width, kCodes - 1);
  for (std::size_t c = 0; c < width; ++c) {
    search.factor.push_back(map_factor(channels[c].factor));
    if (stats.empty()) continue;
    first[c] = stats[c].q_low;
    last[c] = stats[c].q_high;
  }
  RangeBnMap map{search.factor, {}, {}, {}, out.q_max};
  if (search.constants(first, last, map.constant)) return map;
  // Rounding away from zero moves all steps a little where the value changes its sign: another
  // constant below that code. Where it is taken to be decides only whether constants are found.
  std::vector<std::int32_t> before;
  for (std::size_t c = 0; c < width; ++c) {
    const double gain = static_cast<double>(search.factor[c]) / (1 << RangeBnMap::kShift);
    const double zero = channels[c].mu - (gain == 0.0 ? 0.0 : channels[c].bias / gain);
    const auto code = static_cast<std::int32_t>(std::ceil(saturate(zero / 256.0, 0.0, 256.0)));
    map.below.push_back(std::clamp(code, first[c], last[c] + 1));
    before.push_back(map.below[c] - 1);
  }
  if (!search.constants(map.below, last, map.constant) ||
      !search.constants(first, before, map.step))
    return std::nullopt;
  for (std::size_t c = 0; c < width; ++c)  // modulo 2^32, as the kernel adds
    map.step[c] = static_cast<std::int32_t>(std::int64_t{map.constant[c]} - map.step[c]);
  return map;
}

void range_bn_apply(std::span<const std::uint8_t> q, const RangeBnMap& map,
                    std::span<std::uint8_t> y) {
  const std::size_t width = map.factor.size();
  kernels().map_bytes({q.data(), q.size() / width, width, map.factor.data(), map.constant.data(),
                       map.below.empty() ? nullptr : map.below.data(), map.step.data(),
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
