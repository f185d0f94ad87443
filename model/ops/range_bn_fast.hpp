#pragma once
#include "model/ops/range_bn.hpp"

namespace octet::model {

// The passes of Range BN over pieces that threads share out. Same results as range_bn.hpp.

// Statistics of the chunks [first, last): arrays [channels][chunks] in `extremes` and, per channel,
// sums added and chunk ranges added to `part` (sum, range_sum, q_low, q_high).
void range_bn_chunks(std::span<const std::uint8_t> q, int channels, int chunks, int first, int last,
                     std::span<RangeBnStats> part, RangeBnExtremes& extremes);
// stats from the parts of all threads.
void range_bn_combine(std::span<const std::vector<RangeBnStats>> parts, std::int64_t n,
                      std::span<RangeBnStats> stats);

void range_bn_apply(std::span<const std::uint8_t> q, std::span<const RangeBnApply> channels,
                    std::uint64_t first_element, const QuantParams& out, Rounding rounding,
                    const RandomAddress& random, std::span<std::uint8_t> y);

// sums += the rows' A and B.
template <class Code>
void range_bn_gradient_sums(std::span<const Code> gradient, std::int32_t zero_point,
                            std::span<const std::uint8_t> q, std::span<const RangeBnStats> stats,
                            std::span<RangeBnSums> sums);

// e of some rows without the terms at the extremes, and those terms.
void range_bn_backward_rows(std::span<const std::uint8_t> gradient, std::int32_t zero_point,
                            std::span<const RangeBnStats> stats,
                            std::span<const RangeBnBackward> scalars, std::span<std::int32_t> e);
void range_bn_backward_extremes(int chunks, std::span<const RangeBnStats> stats,
                                const RangeBnExtremes& extremes,
                                std::span<const RangeBnBackward> scalars,
                                std::span<std::int32_t> e);

}  // namespace octet::model
