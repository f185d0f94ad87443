#include "model/quant/affine_codes.hpp"

#include <algorithm>

namespace octet::model {
namespace {

constexpr std::int64_t kCode = 255;

// |mantissa| without its seven low bits, which are 0 in any factor that was an f32, and what makes
// the factor positive.
struct Positive {
  std::int64_t mantissa, offset;
  std::uint32_t flip;
};
std::optional<Positive> positive(std::int32_t offset, Multiplier factor) {
  if (factor.mantissa % 128 != 0) return std::nullopt;
  if (factor.mantissa >= 0) return Positive{factor.mantissa / 128, offset, 0};
  // -(256 g - offset) = 256 (255 - g) - (255 256 - offset)
  return Positive{-std::int64_t{factor.mantissa} / 128, 256 * kCode - offset, 255};
}

// floor((m g' + sum - step [..]) / 2^shift) with a constant in [step, 2^shift + step).
std::optional<AffineFactor> with_constant(const Positive& p, std::int64_t sum, int shift,
                                          std::int64_t step, std::int64_t zero) {
  const std::int64_t quotient = (sum - step) >> shift;
  const std::int64_t constant = sum - (quotient << shift);
  if (kCode * p.mantissa + constant >= std::int64_t{1} << 32) return std::nullopt;
  AffineFactor affine;
  affine.factor = static_cast<std::uint32_t>(p.mantissa);
  affine.constant = static_cast<std::uint32_t>(constant);
  affine.shift = static_cast<std::uint32_t>(shift);
  affine.flip = p.flip;
  affine.step = static_cast<std::uint32_t>(step);
  affine.zero = static_cast<std::int32_t>(quotient + zero);
  return affine;
}

}  // namespace

std::optional<AffineFactor> affine_nearest(std::int32_t offset, Multiplier factor,
                                           std::int32_t zero_point) {
  const int e = factor.exponent;
  const auto p = positive(offset, factor);
  if (!p || e < -12 || e > 15) return std::nullopt;
  // With x m = 2^7 (256 g' - offset) mantissa, RQ is floor((x m + half - 2^31 [x m < 0]) /
  // 2^(31+e)), half = 2^30 + 2^(30+e), for e > 0, and floor((x m + 2^(30+e)) / 2^(31+e)) else. Both
  // sides of the division can lose 2^7 and then, the code's part being divisible, 2^8 more.
  const std::int64_t half =
      e > 0 ? (std::int64_t{1} << 23) + (std::int64_t{1} << (23 + e)) : std::int64_t{1} << (23 + e);
  auto affine = with_constant(*p, (half - p->offset * p->mantissa) >> 8, 16 + e,
                              e > 0 ? std::int64_t{1} << 16 : 0, zero_point);
  if (affine && e > 0)
    affine->below =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>((p->offset + 255) >> 8, 0, 256));
  return affine;
}

std::optional<AffineFactor> affine_stochastic(std::int32_t offset, Multiplier factor,
                                              std::int32_t zero_point) {
  const int e = factor.exponent;
  const auto p = positive(offset, factor);
  if (!p || e < 0 || e > 24) return std::nullopt;
  const std::int64_t sum = (-p->offset * p->mantissa) >> 8;
  // The code with 16 fraction bits, and room for the random ones.
  constexpr std::int64_t kMost = std::int64_t{1} << 30;
  if ((sum >> e) < -kMost || ((kCode * p->mantissa + sum) >> e) > kMost) return std::nullopt;
  return with_constant(*p, sum, e, 0, std::int64_t{zero_point} << 16);
}

void AffineFactors::push_back(const AffineFactor& factor) {
  factor_.push_back(factor.factor);
  constant_.push_back(factor.constant);
  shift_.push_back(factor.shift);
  flip_.push_back(factor.flip);
  below_.push_back(factor.below);
  step_.push_back(factor.step);
  zero_.push_back(factor.zero);
}

AffineJob AffineFactors::job(const std::uint8_t* g, std::size_t rows, std::int32_t q_max) const {
  return {g,
          rows,
          zero_.size(),
          factor_.data(),
          constant_.data(),
          shift_.data(),
          flip_.data(),
          below_.data(),
          step_.data(),
          zero_.data(),
          q_max,
          nullptr};
}

void AffineFactors::run(const std::uint8_t* g, std::size_t rows, std::int32_t q_max,
                        std::uint16_t* codes) const {
  kernels().affine_u16(job(g, rows, q_max), codes);
}

void AffineFactors::run(const std::uint8_t* g, std::size_t rows, std::int32_t q_max,
                        const std::uint16_t* random, std::uint8_t* codes) const {
  AffineJob with_random = job(g, rows, q_max);
  with_random.random = random;
  kernels().affine_u8(with_random, codes);
}

}  // namespace octet::model
