// Wide tensors of the integer engine: where they live, their ranges, and how they become
// activations.
#include <algorithm>
#include <atomic>

#include "model/kernels/kernels.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::model {
namespace {

// The integers of a channel are joined before they become reals: of an infinite scale 0 is no
// number, and which pieces hold a 0 depends on the threads.
Range join(const std::vector<std::vector<std::int32_t>>& lows,
           const std::vector<std::vector<std::int32_t>>& highs, std::span<const float> scales) {
  Range range;
  for (std::size_t c = 0; c < scales.size(); ++c) {
    Extremes all = kNoValues;
    for (std::size_t piece = 0; piece < lows.size(); ++piece) {
      if (lows[piece].empty()) continue;
      all = {std::min(all.low, lows[piece][c]), std::max(all.high, highs[piece][c])};
    }
    const Range part = real_range(all, scales[c]);
    range = c == 0 ? part : Range{std::min(range.low, part.low), std::max(range.high, part.high)};
  }
  return range;
}

}  // namespace

WideQuantiser wide_quantiser(std::span<const float> scales, const QuantParams& params,
                             Rounding rounding, const RandomAddress& random, bool in_range) {
  std::vector<Multiplier> factors;
  for (const float scale : scales) factors.push_back(requantise_multiplier(scale, params));
  return WideQuantiser({params, factors, rounding, random}, in_range);
}

SharedWide IntegerEngine::make_wide(std::int64_t size, std::vector<float> scales) {
  auto* wide = new WideTensor{wide_buffers_.take(static_cast<std::size_t>(size)), std::move(scales),
                              std::nullopt};
  return {wide, [this](WideTensor* done) {
            wide_buffers_.give_back(std::move(done->x));
            delete done;
          }};
}

SharedWide IntegerEngine::to_wide(const NormGradient& gradient, std::int64_t size) {
  SharedWide wide = make_wide(size, gradient.scales);
  const auto width = static_cast<std::int64_t>(gradient.scales.size());
  pool_.split(size / width, 64, [&](std::int64_t begin, std::int64_t end, int) {
    gradient.rows(begin, end, wide->x.data() + begin * width);
  });
  return wide;
}

const Extremes& IntegerEngine::extremes(WideTensor& wide) {
  if (wide.extremes) return *wide.extremes;
  std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
  pool_.split(static_cast<std::int64_t>(wide.x.size()), 4096,
              [&](std::int64_t begin, std::int64_t end, int piece) {
                Extremes part;
                kernels().extremes(wide.x.data() + begin, static_cast<std::size_t>(end - begin),
                                   &part.low, &part.high);
                parts[static_cast<std::size_t>(piece)] = part;
              });
  wide.extremes = octet::model::join(parts);
  return *wide.extremes;
}

Range IntegerEngine::range(const WideTensor& wide) {
  if (wide.scales.size() == 1 && wide.extremes) return real_range(*wide.extremes, wide.scales[0]);
  const std::size_t channels = wide.scales.size();
  const auto rows = static_cast<std::int64_t>(wide.x.size() / channels);
  std::vector<std::vector<std::int32_t>> lows(static_cast<std::size_t>(pool_.threads()));
  auto highs = lows;
  pool_.split(rows, 64, [&](std::int64_t begin, std::int64_t end, int piece) {
    auto& low = lows[static_cast<std::size_t>(piece)];
    auto& high = highs[static_cast<std::size_t>(piece)];
    const std::int32_t* x = wide.x.data() + begin * static_cast<std::int64_t>(channels);
    low.assign(x, x + channels);
    high = low;
    if (channels == 1)
      kernels().extremes(x, static_cast<std::size_t>(end - begin), low.data(), high.data());
    else
      kernels().channel_extremes(x, static_cast<std::size_t>(end - begin), channels, low.data(),
                                 high.data());
  });
  return join(lows, highs, wide.scales);
}

Range IntegerEngine::activation_range(const WideTensor& wide) {
  if (!recipe_.sample_mean_extremes) return range(wide);
  const std::size_t size = wide.x.size() / static_cast<std::size_t>(batch_);
  std::vector<Extremes> images(static_cast<std::size_t>(batch_));
  split_images([&](int begin, int end, int) {
    for (auto n = static_cast<std::size_t>(begin); n < static_cast<std::size_t>(end); ++n)
      images[n] = extremes_of(std::span(wide.x.data() + n * size, size));
  });
  return mean_range(images, wide.scales[0]);  // outputs have one scale
}

bool IntegerEngine::holds_all(const Node& node, const std::optional<Extremes>& extremes,
                              float scale) const {
  if (!training_ || recipe_.delayed_ranges || recipe_.sample_mean_extremes) return false;
  // A current range of a whole tensor holds every value; its ends can still round past a code by
  // the nudge of the zero point, which is no overflow.
  if (!feeds_only(node, workloads::Op::kRelu)) return true;
  // Below a range that was clipped for a ReLU they may lie far off: here less than 2^14 codes.
  if (!extremes) return false;
  const Range range = real_range(*extremes, scale);
  const QuantParams& params = runs_[static_cast<std::size_t>(node.id)].output.params;
  return std::max(-range.low, range.high) < 16384.0F * params.scale;
}

void IntegerEngine::quantise_activations(const Node& node, const WideTensor& wide) {
  NodeRun& run = run_of(node);
  run.output.q.resize(wide.x.size());
  const bool in_range = holds_all(node, wide.extremes, wide.scales[0]);
  const WideQuantiser codes = wide_quantiser(
      wide.scales, run.output.params, recipe_.rounding.activation,
      {state_.seed, state_.step, random_stream(node.id, RandomUse::kActivation)}, in_range);
  std::atomic<std::int64_t> saturated = 0;
  pool_.share(static_cast<std::int64_t>(wide.x.size()), 64, kWideRecent,
              [&](std::int64_t begin, std::int64_t end, int) {
                std::int64_t outside = 0;
                for_blocks(begin, end, kWideBlock, [&](std::int64_t first, std::int64_t last) {
                  outside += codes.run<std::uint8_t>(
                      {wide.x.data() + first, static_cast<std::size_t>(last - first)},
                      static_cast<std::uint64_t>(first),
                      {run.output.q.data() + first, static_cast<std::size_t>(last - first)});
                });
                saturated += outside;
              });
  if (!in_range) saturated_ += saturated;
  observe<std::uint8_t>(node, Quantisation::Tensor::kActivation, wide, run.output.params,
                        run.output.q);
}

template <class Code>
void IntegerEngine::observe(const Node& node, Quantisation::Tensor tensor, const WideTensor& wide,
                            const QuantParams& params, std::span<const Code> codes) const {
  if (!observed()) return;
  Quantisation seen;
  seen.node = node.id;
  seen.step = state_.step;
  seen.tensor = tensor;
  seen.wide = wide.x;
  seen.scales = wide.scales;
  if constexpr (sizeof(Code) == 1)
    seen.codes = codes;
  else
    seen.wide_codes = codes;
  seen.params = params;
  options_.observer(seen);
}

template void IntegerEngine::observe<std::uint8_t>(const Node&, Quantisation::Tensor,
                                                   const WideTensor&, const QuantParams&,
                                                   std::span<const std::uint8_t>) const;
template void IntegerEngine::observe<std::uint16_t>(const Node&, Quantisation::Tensor,
                                                    const WideTensor&, const QuantParams&,
                                                    std::span<const std::uint16_t>) const;

}  // namespace octet::model
