#include <algorithm>

#include "model/ops/range_bn.hpp"

namespace octet::model {

float range_bn_inverse(std::int32_t reciprocal, int chunks, float constant) {
  const float scaled = static_cast<float>(reciprocal) * 0x1p-30F;
  return (scaled * static_cast<float>(chunks)) / constant;
}

Range range_bn_output_range(std::span<const RangeBnStats> stats, std::span<const float> gain,
                            std::span<const float> beta) {
  Range range;
  for (std::size_t c = 0; c < stats.size(); ++c) {
    const auto value = [&](std::int32_t q) {
      return gain[c] * (static_cast<float>(256 * q - stats[c].mu) * 0x1p-8F) + beta[c];
    };
    const float a = value(stats[c].q_low);
    const float b = value(stats[c].q_high);
    if (c == 0) range = {std::min(a, b), std::max(a, b)};
    range = {std::min({range.low, a, b}), std::max({range.high, a, b})};
  }
  return range;
}

RangeBnApply range_bn_apply_scalars(std::int32_t mu, float gain, float beta, float out_scale) {
  const float offset = (beta / out_scale) * 256.0F;
  const float limit = 0x1p30F;
  return {mu, quantise_multiplier(gain / out_scale),
          static_cast<std::int32_t>(round_half_away(saturate(offset, -limit, limit)))};
}

}  // namespace octet::model
