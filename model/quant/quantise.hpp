#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "model/fixed/requantise.hpp"
#include "model/quant/random_bits.hpp"

namespace octet::model {

struct QuantiseKernelJob;  // model/kernels

// Affine 8- or 16-bit format: real = scale (q - zero_point), q in [0, q_max].
struct QuantParams {
  float scale = 1.0F;
  std::int32_t zero_point = 0;
  std::int32_t q_max = 255;
  bool operator==(const QuantParams&) const = default;
};

// A real interval.
struct Range {
  float low = 0.0F;
  float high = 0.0F;
  bool operator==(const Range&) const = default;
};

enum class Rounding { kNearest, kStochastic };

[[nodiscard]] constexpr std::int32_t q_max_of_bits(int bits) { return (1 << bits) - 1; }
// llround of a double, ties away from zero, without libm.
[[nodiscard]] std::int64_t round_half_away(double x);

// gemmlowp's ChooseQuantizationParams for `bits` bits: docs/numerics.md section 4.
[[nodiscard]] QuantParams choose_quant_params(Range range, int bits);
// m, e of a real factor. docs/numerics.md section 2.
[[nodiscard]] Multiplier quantise_multiplier(float factor);
// The factor from a wide scale to a quantised tensor: wide_scale / params.scale.
[[nodiscard]] Multiplier requantise_multiplier(float wide_scale, const QuantParams& params);

// One f32 value to its code (weights). gemmlowp's Quantize.
[[nodiscard]] std::int32_t quantise_value(float value, const QuantParams& params);
void quantise_floats(std::span<const float> values, const QuantParams& params,
                     std::span<std::uint8_t> out);
[[nodiscard]] Range range_of(std::span<const float> values);

// Extremes of wide integers, and the real range they stand for at `scale` (which may be negative).
struct Extremes {
  std::int32_t low = 0;
  std::int32_t high = 0;
};
[[nodiscard]] Extremes extremes_of(std::span<const std::int32_t> values);
[[nodiscard]] Range real_range(Extremes extremes, float scale);
// extremes: sample_mean. The mean over images of each image's extremes, at a positive scale:
// (f32(sum of low) scale) / f32(images), the sum exact, and the same for high.
[[nodiscard]] Range mean_range(std::span<const Extremes> images, float scale);

// One wide integer to its code in [0, q_max].
[[nodiscard]] constexpr std::int32_t quantise_wide_nearest(std::int32_t x, Multiplier factor,
                                                           std::int32_t zero_point,
                                                           std::int32_t q_max) {
  return static_cast<std::int32_t>(
      saturate<std::int64_t>(std::int64_t{requantise_nearest(x, factor)} + zero_point, 0, q_max));
}
[[nodiscard]] constexpr std::int32_t quantise_wide_stochastic(std::int32_t x, Multiplier factor,
                                                              std::int32_t zero_point,
                                                              std::int32_t q_max,
                                                              std::uint16_t random) {
  return static_cast<std::int32_t>(saturate<std::int64_t>(
      std::int64_t{requantise_stochastic(x, factor, random)} + zero_point, 0, q_max));
}

// How a wide tensor (or a piece of one) becomes codes.
struct QuantiseJob {
  QuantParams params;
  std::span<const Multiplier> factors;  // one, or one a channel (element index modulo the count)
  Rounding rounding = Rounding::kNearest;
  RandomAddress random;  // stochastic only; element index is first_element + i
};
// The scalar reference: out[i] from wide[i], whose flat element index is first_element + i.
// Returns how many values fell outside [0, q_max] and were saturated; those below a range that
// starts at zero are not counted, for there a ReLU would have made them zero.
// Code is std::uint8_t (q_max <= 255) or std::uint16_t (q_max <= 65535).
template <class Code>
std::int64_t quantise_wide_ref(std::span<const std::int32_t> wide, std::uint64_t first_element,
                               const QuantiseJob& job, std::span<Code> out);
// The same bytes, fast.
template <class Code>
std::int64_t quantise_wide(std::span<const std::int32_t> wide, std::uint64_t first_element,
                           const QuantiseJob& job, std::span<Code> out);

// The largest |x| with |x M| < 2^14: values beyond saturate any 8-bit code whatever their random
// bits, and so does the bound itself, where a kernel may stop: for exponents of -12 or more.
[[nodiscard]] std::int32_t stochastic_bound(Multiplier factor);

// quantise_wide() made ready for many pieces of one tensor; holds no reference to the job's
// factors.
class WideQuantiser {
 public:
  // `in_range`: the parameters come from a range that holds every value, so that none is far from a
  // code: run() is faster, and counts nothing.
  explicit WideQuantiser(const QuantiseJob& job, bool in_range = false);
  template <class Code>
  std::int64_t run(std::span<const std::int32_t> wide, std::uint64_t first_element,
                   std::span<Code> out) const;
  // What a kernel is to do for a piece of whole pixels. `random` holds as many bits as `wide` has
  // values: they are made here where the rounding needs them.
  [[nodiscard]] QuantiseKernelJob job(std::span<const std::int32_t> wide,
                                      std::uint64_t first_element, std::uint16_t* random) const;
  // The code of one value of a channel, by the scalar definition.
  [[nodiscard]] std::int32_t value(std::int32_t x, std::size_t channel,
                                   std::uint16_t random) const {
    const Multiplier factor = factors_[factors_.size() == 1 ? 0 : channel];
    return rounding_ == Rounding::kNearest
               ? quantise_wide_nearest(x, factor, params_.zero_point, params_.q_max)
               : quantise_wide_stochastic(x, factor, params_.zero_point, params_.q_max, random);
  }

 private:
  QuantParams params_;
  Rounding rounding_;
  RandomAddress random_;
  std::vector<Multiplier> factors_;
  std::vector<std::int32_t> mantissa_, exponent_, bound_;
  bool in_range_;
};

}  // namespace octet::model
