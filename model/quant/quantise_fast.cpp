#include <algorithm>
#include <type_traits>
#include <vector>

#include "model/kernels/kernels.hpp"
#include "model/quant/quantise.hpp"

namespace octet::model {

template <class Code>
std::int64_t quantise_wide(std::span<const std::int32_t> wide, std::uint64_t first_element,
                           const QuantiseJob& job, std::span<Code> out) {
  const std::size_t channels = job.factors.size();
  // A piece that starts or ends inside a pixel goes the plain way.
  if (first_element % channels != 0 || wide.size() % channels != 0)
    return quantise_wide_ref(wide, first_element, job, out);
  std::vector<std::int32_t> mantissa(channels);
  std::vector<std::int32_t> exponent(channels);
  for (std::size_t c = 0; c < channels; ++c) {
    mantissa[c] = job.factors[c].mantissa;
    exponent[c] = job.factors[c].exponent;
  }
  constexpr std::size_t kBlock = 8192;
  const std::size_t step = std::max(kBlock / channels, std::size_t{1}) * channels;
  std::vector<std::uint16_t> random(job.rounding == Rounding::kStochastic ? step : 0);
  std::int64_t saturated = 0;
  for (std::size_t begin = 0; begin < wide.size(); begin += step) {
    const std::size_t count = std::min(step, wide.size() - begin);
    if (!random.empty()) fill_random_bits(job.random, first_element + begin, random.data(), count);
    const bool uniform = channels == 1;
    const QuantiseKernelJob piece{wide.data() + begin,
                                  uniform ? 1 : count / channels,
                                  uniform ? count : channels,
                                  uniform,
                                  mantissa.data(),
                                  exponent.data(),
                                  job.params.zero_point,
                                  job.params.q_max,
                                  random.empty() ? nullptr : random.data()};
    if constexpr (std::is_same_v<Code, std::uint8_t>)
      saturated += kernels().quantise_u8(piece, out.data() + begin);
    else
      saturated += kernels().quantise_u16(piece, out.data() + begin);
  }
  return saturated;
}

template std::int64_t quantise_wide<std::uint8_t>(std::span<const std::int32_t>, std::uint64_t,
                                                  const QuantiseJob&, std::span<std::uint8_t>);
template std::int64_t quantise_wide<std::uint16_t>(std::span<const std::int32_t>, std::uint64_t,
                                                   const QuantiseJob&, std::span<std::uint16_t>);

}  // namespace octet::model
