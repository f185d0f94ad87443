#include <algorithm>
#include <limits>
#include <type_traits>

#include "common/fetch.hpp"
#include "model/kernels/kernels.hpp"
#include "model/quant/quantise.hpp"

namespace octet::model {

std::int32_t stochastic_bound(Multiplier factor) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const std::int64_t size =
      factor.mantissa < 0 ? -std::int64_t{factor.mantissa} : std::int64_t{factor.mantissa};
  const int shift = 45 + factor.exponent;  // |x| |m| < 2^14 2^(31 + e)
  if (size == 0 || shift > 61) return static_cast<std::int32_t>(kMost);
  return static_cast<std::int32_t>(
      std::min(kMost, ((std::int64_t{1} << std::max(shift, 0)) - 1) / size));
}

WideQuantiser::WideQuantiser(const QuantiseJob& job, bool in_range)
    : params_(job.params),
      rounding_(job.rounding),
      random_(job.random),
      factors_(job.factors.begin(), job.factors.end()),
      in_range_(in_range) {
  for (const Multiplier& factor : factors_) {
    mantissa_.push_back(factor.mantissa);
    exponent_.push_back(factor.exponent);
    bound_.push_back(stochastic_bound(factor));
  }
}

QuantiseKernelJob WideQuantiser::job(std::span<const std::int32_t> wide,
                                     std::uint64_t first_element, std::uint16_t* random) const {
  const bool stochastic = rounding_ == Rounding::kStochastic;
  if (stochastic) {
    // Making random bits takes no memory's time: what is quantised with them comes meanwhile.
    constexpr std::size_t kStep = 512;
    for (std::size_t at = 0; at < wide.size(); at += kStep) {
      const std::size_t count = std::min(kStep, wide.size() - at);
      fetch(wide.subspan(at, count));
      fill_random_bits(random_, first_element + at, random + at, count);
    }
  }
  const std::size_t channels = factors_.size();
  const bool uniform = channels == 1;
  return {wide.data(),
          uniform ? 1 : wide.size() / channels,
          uniform ? wide.size() : channels,
          uniform,
          mantissa_.data(),
          exponent_.data(),
          params_.zero_point,
          params_.q_max,
          stochastic ? random : nullptr,
          bound_.data(),
          !in_range_,
          in_range_};
}

template <class Code>
std::int64_t WideQuantiser::run(std::span<const std::int32_t> wide, std::uint64_t first_element,
                                std::span<Code> out) const {
  const std::size_t channels = factors_.size();
  // A piece that starts or ends inside a pixel goes the plain way.
  if (first_element % channels != 0 || wide.size() % channels != 0)
    return quantise_wide_ref(wide, first_element, {params_, factors_, rounding_, random_}, out);
  constexpr std::size_t kBlock = 4096;
  const std::size_t step = std::max(kBlock / channels, std::size_t{1}) * channels;
  const bool stochastic = rounding_ == Rounding::kStochastic;
  std::uint16_t bits[kBlock];
  std::vector<std::uint16_t> more(stochastic && step > kBlock ? step : 0);
  std::uint16_t* random = more.empty() ? bits : more.data();
  std::int64_t saturated = 0;
  for (std::size_t begin = 0; begin < wide.size(); begin += step) {
    const std::size_t count = std::min(step, wide.size() - begin);
    const QuantiseKernelJob piece = job(wide.subspan(begin, count), first_element + begin, random);
    if constexpr (std::is_same_v<Code, std::uint8_t>)
      saturated += kernels().quantise_u8(piece, out.data() + begin);
    else
      saturated += kernels().quantise_u16(piece, out.data() + begin);
  }
  return saturated;
}

template <class Code>
std::int64_t quantise_wide(std::span<const std::int32_t> wide, std::uint64_t first_element,
                           const QuantiseJob& job, std::span<Code> out) {
  return WideQuantiser(job).run(wide, first_element, out);
}

template std::int64_t WideQuantiser::run<std::uint8_t>(std::span<const std::int32_t>, std::uint64_t,
                                                       std::span<std::uint8_t>) const;
template std::int64_t WideQuantiser::run<std::uint16_t>(std::span<const std::int32_t>,
                                                        std::uint64_t,
                                                        std::span<std::uint16_t>) const;
template std::int64_t quantise_wide<std::uint8_t>(std::span<const std::int32_t>, std::uint64_t,
                                                  const QuantiseJob&, std::span<std::uint8_t>);
template std::int64_t quantise_wide<std::uint16_t>(std::span<const std::int32_t>, std::uint64_t,
                                                   const QuantiseJob&, std::span<std::uint16_t>);

}  // namespace octet::model
