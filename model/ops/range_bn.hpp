#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/quant/quantise.hpp"

namespace octet::model {

// Range BN over a quantised tensor [n][channels]: docs/numerics.md section 6.
inline constexpr int kMaxChunks = 256;
[[nodiscard]] std::int64_t chunk_begin(std::int64_t n, int chunks, int chunk);  // floor(k n / K)
[[nodiscard]] int chunk_count(std::int64_t n, int recipe_chunks);               // min(recipe, n)

// One channel's statistics, all integers.
struct RangeBnStats {
  std::int64_t sum = 0;         // S
  std::int32_t mu = 0;          // mean with 8 fraction bits
  std::int32_t range_sum = 0;   // R, 0 for a dead channel
  std::int32_t reciprocal = 0;  // rho = round(2^30 / R)
  std::int32_t q_low = 0, q_high = 0;
  bool operator==(const RangeBnStats&) const = default;
};

// argmax and argmin hold, per chunk, the row (0..n-1) of the winner: [channels][chunks].
struct RangeBnExtremes {
  std::vector<std::int32_t> argmax, argmin;
};

// stats[c] and extremes of q[n][channels].
void range_bn_statistics_ref(std::span<const std::uint8_t> q, int channels, int chunks,
                             std::span<RangeBnStats> stats, RangeBnExtremes& extremes);
// The scalars S, R, extremes -> mu and rho (the divider's work), as the RTL does it.
[[nodiscard]] std::int32_t range_bn_mean(std::int64_t sum, std::int64_t n);
[[nodiscard]] std::int32_t range_bn_reciprocal(std::int32_t range_sum);

// Normalisation of one channel: mult/exponent of a_c / s_y, and the bias with 8 fraction bits.
struct RangeBnApply {
  std::int32_t mu = 0;
  Multiplier factor;
  std::int32_t bias = 0;  // |bias| <= 2^30
};
[[nodiscard]] std::int32_t range_bn_apply_value(std::int32_t q, const RangeBnApply& apply,
                                                const QuantParams& out, Rounding rounding,
                                                std::uint16_t random);
void range_bn_apply_ref(std::span<const std::uint8_t> q, std::span<const RangeBnApply> channels,
                        std::uint64_t first_element, const QuantParams& out, Rounding rounding,
                        const RandomAddress& random, std::span<std::uint8_t> y);

// A = sum (g - z), B = sum (g - z) d of one channel.
struct RangeBnSums {
  std::int64_t gradient = 0;
  std::int64_t product = 0;
  bool operator==(const RangeBnSums&) const = default;
};
template <class Code>
void range_bn_gradient_sums_ref(std::span<const Code> gradient, std::int32_t zero_point,
                                std::span<const std::uint8_t> q,
                                std::span<const RangeBnStats> stats, std::span<RangeBnSums> sums);

// mg and t of one channel: the divider's work of the backward pass.
struct RangeBnBackward {
  std::int32_t mean = 0;     // div_away(256 A, n)
  std::int32_t extreme = 0;  // sat(div_away(B, R), -2^30, 2^30 - 1)
};
[[nodiscard]] RangeBnBackward range_bn_backward_scalars(const RangeBnSums& sums, std::int64_t n,
                                                        std::int32_t range_sum);
// e[n][channels] from the 8-bit gradient.
void range_bn_backward_ref(std::span<const std::uint8_t> gradient, std::int32_t zero_point,
                           int channels, int chunks, std::span<const RangeBnStats> stats,
                           const RangeBnExtremes& extremes,
                           std::span<const RangeBnBackward> scalars, std::span<std::int32_t> e);

// The f32 scalars of a channel.
[[nodiscard]] float range_bn_inverse(std::int32_t reciprocal, int chunks, float constant);  // i_c
// Extremes of y over the channels: the output's range without a pass over the data.
[[nodiscard]] Range range_bn_output_range(std::span<const RangeBnStats> stats,
                                          std::span<const float> gain, std::span<const float> beta);
[[nodiscard]] RangeBnApply range_bn_apply_scalars(std::int32_t mu, float gain, float beta,
                                                  float out_scale);

}  // namespace octet::model
