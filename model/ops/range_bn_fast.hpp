#pragma once
#include <optional>

#include "model/kernels/kernels.hpp"
#include "model/ops/range_bn.hpp"

namespace octet::model {

// The passes of Range BN over pieces that threads share out. Same results as range_bn.hpp.

// Where statistics that are added up begin.
inline constexpr RangeBnStats kNoCodes{0, 0, 0, 0, 255, 0};
// Statistics of the chunks [first, last): arrays [channels][chunks] in `extremes` and, per channel,
// sums and chunk ranges added to `part` (sum, range_sum), which is widened (q_low, q_high).
void range_bn_chunks(std::span<const std::uint8_t> q, int channels, int chunks, int first, int last,
                     std::span<RangeBnStats> part, RangeBnExtremes& extremes);
// stats from the parts of all threads.
void range_bn_combine(std::span<const std::vector<RangeBnStats>> parts, std::int64_t n,
                      std::span<RangeBnStats> stats);

void range_bn_apply(std::span<const std::uint8_t> q, std::span<const RangeBnApply> channels,
                    std::uint64_t first_element, const QuantParams& out, Rounding rounding,
                    const RandomAddress& random, std::span<std::uint8_t> y);

// range_bn_apply() to nearest as one product, sum and shift a code; see ByteMapJob.
struct RangeBnMap {
  static constexpr int kShift = 22;
  std::vector<std::int32_t> factor, constant;
  std::vector<std::int32_t> below, step;  // empty: no steps
  std::int32_t q_max = 255;
};
// Such a map that is right for every code between a channel's q_low and q_high, each of which is
// looked at; without `stats` for all codes. Nothing where there is none.
[[nodiscard]] std::optional<RangeBnMap> range_bn_map(std::span<const RangeBnApply> channels,
                                                     std::span<const RangeBnStats> stats,
                                                     const QuantParams& out);
void range_bn_apply(std::span<const std::uint8_t> q, const RangeBnMap& map,
                    std::span<std::uint8_t> y);

// Both copies of a gradient and their sums; without fine_codes the 8-bit copy alone. Returns how
// many values saturated, where the jobs count them.
std::int64_t range_bn_quantise_gradient(const NormGradientJob& job);

}  // namespace octet::model
