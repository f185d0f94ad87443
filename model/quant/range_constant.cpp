#include "model/quant/range_constant.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "model/fixed/log2q.hpp"

namespace octet::model {
namespace {

// kRange[k - 1] = d2(2^k), k = 1..24: the expected range (largest minus smallest) of n independent
// standard normal values,
//   d2(n) = integral over the reals of 1 - Phi(x)^n - (1 - Phi(x))^n dx,
// by the trapezoid rule with step 2^-8 on [-14, 14] in binary64, Phi(x)^n as exp(n log1p(-Q(x))).
// d2(2) = 2 / sqrt(pi). Rounded to nine digits, enough for the nearest f32.
constexpr int kLastPower = 24;
constexpr std::array<float, kLastPower> kRange = {
    1.12837917F, 2.05875075F, 2.84720061F, 3.53198279F, 4.13933766F, 4.68746693F,
    5.18919474F, 5.65372656F, 6.08780632F, 6.4964792F,  6.8835982F,  7.25216436F,
    7.60455844F, 7.94270114F, 8.26816574F, 8.58225863F, 8.88607793F, 9.18055675F,
    9.46649576F, 9.74458795F, 10.0154378F, 10.2795763F, 10.5374729F, 10.789545F};

// With l = log2q(m) = k 2^16 + f:
//   d2(m) = d2(2^k) + (d2(2^(k+1)) - d2(2^k)) (f32(f) 2^-16), and d2(2^24) from m = 2^24 up.
float gaussian_range(std::int32_t log2_m) {
  const int power = log2_m >> 16;
  if (power >= kLastPower) return kRange.back();
  const float share = static_cast<float>(log2_m & 0xFFFF) * 0x1p-16F;
  const float below = kRange[static_cast<std::size_t>(power) - 1];
  return below + (kRange[static_cast<std::size_t>(power)] - below) * share;
}

}  // namespace

float range_constant(RangeConstant kind, std::int64_t m) {
  const std::int32_t log2_m = log2q(static_cast<std::uint64_t>(std::max<std::int64_t>(m, 2)));
  if (kind == RangeConstant::kGaussian) return 1.0F / gaussian_range(log2_m);
  // L = ln m; sqrt(2 L) is the leading term of the largest of m normal values.
  const float natural_log = (static_cast<float>(log2_m) * 0x1p-16F) * 0.69314718F;
  const float root = std::sqrt(2.0F * natural_log);
  return kind == RangeConstant::kPaper ? 1.0F / root : 0.540208F / root;
}

}  // namespace octet::model
