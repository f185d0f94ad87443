// Wide tensors of the integer engine: where they live, their ranges, and how they become codes.
#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <type_traits>

#include "model/kernels/kernels.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::model {
namespace {

constexpr std::int64_t kBlock = 4096;  // elements that go through all passes while in the cache

std::int64_t block_rows(std::int64_t width) { return std::max<std::int64_t>(kBlock / width, 1); }

WideQuantiser quantiser(std::span<const float> scales, const QuantParams& params, Rounding rounding,
                        const RandomAddress& random, bool in_range) {
  std::vector<Multiplier> factors;
  for (const float scale : scales) factors.push_back(requantise_multiplier(scale, params));
  return WideQuantiser({params, factors, rounding, random}, in_range);
}

// Rows of a gradient: a pointer into a wide tensor, or made on the spot in `scratch`.
const std::int32_t* rows_of(const WideTensor& wide, std::int64_t first, std::int64_t /*last*/,
                            std::int64_t width, std::int32_t* /*scratch*/) {
  return wide.x.data() + first * width;
}
const std::int32_t* rows_of(const NormGradient& gradient, std::int64_t first, std::int64_t last,
                            std::int64_t /*width*/, std::int32_t* scratch) {
  gradient.rows(first, last, scratch);
  return scratch;
}

// Whether no value of a tensor with known extremes lies 2^14 codes or more from zero.
bool is_near(const WideTensor& wide, const QuantParams& params) {
  const Range range = real_range(*wide.extremes, wide.scales[0]);
  return std::max(-range.low, range.high) < 16384.0F * params.scale;
}

bool written_backwards(const WideTensor& wide) { return wide.written_backwards; }
bool written_backwards(const NormGradient& /*gradient*/) { return false; }

Range join(const std::vector<std::vector<std::int32_t>>& lows,
           const std::vector<std::vector<std::int32_t>>& highs, std::span<const float> scales) {
  Range range;
  bool first = true;
  for (std::size_t piece = 0; piece < lows.size(); ++piece)
    for (std::size_t c = 0; c < lows[piece].size(); ++c) {
      const Range part = real_range({lows[piece][c], highs[piece][c]}, scales[c]);
      range = first ? part : Range{std::min(range.low, part.low), std::max(range.high, part.high)};
      first = false;
    }
  return range;
}

void add_to(std::vector<RangeBnSums>& sums, std::span<const std::int64_t> g,
            std::span<const std::int64_t> gq, std::span<const RangeBnStats> stats) {
  for (std::size_t c = 0; c < sums.size(); ++c) {
    sums[c].gradient += g[c];
    sums[c].product += 256 * gq[c] - stats[c].mu * g[c];  // d = 256 q - mu
  }
}

}  // namespace

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

Range IntegerEngine::range(const NormGradient& gradient) {
  const std::size_t channels = gradient.scales.size();
  const QuantTensor& g = gradient.norm->gradient;
  std::vector<std::vector<std::uint8_t>> lows(static_cast<std::size_t>(pool_.threads()));
  auto highs = lows;
  pool_.split(static_cast<std::int64_t>(g.q.size() / channels), 64,
              [&](std::int64_t begin, std::int64_t end, int piece) {
                auto& low = lows[static_cast<std::size_t>(piece)];
                auto& high = highs[static_cast<std::size_t>(piece)];
                low.assign(channels, 255);
                high.assign(channels, 0);
                kernels().byte_channel_extremes(
                    g.q.data() + begin * static_cast<std::int64_t>(channels),
                    static_cast<std::size_t>(end - begin), channels, low.data(), high.data());
              });
  std::vector<Range> parts(channels);
  pool_.split(
      static_cast<std::int64_t>(channels), 8, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto c = static_cast<std::size_t>(begin); c < static_cast<std::size_t>(end); ++c) {
          Extremes codes{255, 0};
          for (std::size_t piece = 0; piece < lows.size(); ++piece)
            if (!lows[piece].empty())
              codes = {std::min<std::int32_t>(codes.low, lows[piece][c]),
                       std::max<std::int32_t>(codes.high, highs[piece][c])};
          parts[c] = real_range(gradient.extremes(c, codes), gradient.scales[c]);
        }
      });
  Range range = parts.front();
  for (const Range& part : parts)
    range = {std::min(range.low, part.low), std::max(range.high, part.high)};
  return range;
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

void IntegerEngine::quantise_activations(const Node& node, const WideTensor& wide) {
  NodeRun& run = run_of(node);
  run.output.q.resize(wide.x.size());
  // A current range of a whole tensor holds every value; its ends can still round past a code by
  // the nudge of the zero point, which is no overflow.
  // Below a range that was clipped for a ReLU they may lie far off.
  const bool clipped = feeds_only(node, workloads::Op::kRelu);
  const bool in_range = training_ && !recipe_.delayed_ranges && !recipe_.sample_mean_extremes &&
                        (!clipped || (wide.extremes && is_near(wide, run.output.params)));
  const WideQuantiser codes = quantiser(
      wide.scales, run.output.params, recipe_.rounding.activation,
      {state_.seed, state_.step, random_stream(node.id, RandomUse::kActivation)}, in_range);
  std::atomic<std::int64_t> saturated = 0;
  pool_.split(
      static_cast<std::int64_t>(wide.x.size()), 64, [&](std::int64_t begin, std::int64_t end, int) {
        std::int64_t outside = 0;
        for_blocks(begin, end, kWideBlock, !wide.written_backwards,
                   [&](std::int64_t first, std::int64_t last) {
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

template <class Source>
void IntegerEngine::quantise_gradient(const Node& node, const Source& dy, bool need_data_gradient,
                                      NormSums* sums) {
  NodeRun& run = run_of(node);
  NodeState& state = state_of(node);
  Range used = range(dy);
  if (recipe_.delayed_ranges) {
    const Range current = used;
    if (state_.step > 0) used = state.delayed_gradient;
    state.delayed_gradient = current;
  }
  const auto width = static_cast<std::int64_t>(node.out.channels);
  const auto size = static_cast<std::int64_t>(batch_) * node.out.elements();
  const bool coarse = need_data_gradient || !recipe_.bifurcated;
  // The 16-bit copy of a norm's gradient is only summed.
  const bool store_fine = recipe_.bifurcated && (sums == nullptr || keeps_tensors());
  run.gradient.params = choose_quant_params(used, recipe_.bits.gradient);
  run.wide_gradient_params = choose_quant_params(used, recipe_.bits.weight_gradient);
  if (coarse) run.gradient.q = code_buffers_.take(static_cast<std::size_t>(size));
  if (store_fine) run.wide_gradient_q = wide_code_buffers_.take(static_cast<std::size_t>(size));

  const auto random = [&](RandomUse use) {
    return RandomAddress{state_.seed, state_.step, random_stream(node.id, use)};
  };
  const WideQuantiser to_coarse =
      quantiser(dy.scales, run.gradient.params, recipe_.rounding.gradient,
                random(RandomUse::kGradient), !recipe_.delayed_ranges);
  const WideQuantiser to_fine =
      quantiser(dy.scales, run.wide_gradient_params, recipe_.rounding.weight_gradient,
                random(RandomUse::kWeightGradient), !recipe_.delayed_ranges);
  const std::uint8_t* x = sums == nullptr ? nullptr : input_of(node).output.q.data();
  std::atomic<std::int64_t> saturated = 0;
  std::vector<std::array<std::vector<std::int64_t>, 4>> parts(
      static_cast<std::size_t>(pool_.threads()));
  pool_.split(size / width, 64, [&](std::int64_t begin, std::int64_t end, int piece) {
    const std::int64_t block = block_rows(width);
    Buffer<std::int32_t> scratch(static_cast<std::size_t>(block * width));
    Buffer<std::uint16_t> fine_scratch(store_fine ? 0 : scratch.size());
    auto& part = parts[static_cast<std::size_t>(piece)];
    if (sums != nullptr)
      for (auto& values : part) values.assign(static_cast<std::size_t>(width), 0);
    std::int64_t outside = 0;
    for_blocks(begin, end, block, !written_backwards(dy), [&](std::int64_t row, std::int64_t last) {
      const auto first = static_cast<std::size_t>(row * width);
      const auto count = static_cast<std::size_t>((last - row) * width);
      const std::span<const std::int32_t> wide(rows_of(dy, row, last, width, scratch.data()),
                                               count);
      const auto rows = static_cast<std::size_t>(last - row);
      if (coarse) {
        std::uint8_t* codes = run.gradient.q.data() + first;
        outside += to_coarse.run<std::uint8_t>(wide, first, {codes, count});
        if (sums != nullptr)
          kernels().gradient_sums_u8(codes, run.gradient.params.zero_point, x + first, rows,
                                     static_cast<std::size_t>(width), part[0].data(),
                                     part[1].data());
      }
      if (recipe_.bifurcated) {
        std::uint16_t* codes =
            store_fine ? run.wide_gradient_q.data() + first : fine_scratch.data();
        outside += to_fine.run<std::uint16_t>(wide, first, {codes, count});
        if (sums != nullptr)
          kernels().gradient_sums_u16(codes, run.wide_gradient_params.zero_point, x + first, rows,
                                      static_cast<std::size_t>(width), part[2].data(),
                                      part[3].data());
      }
    });
    saturated += outside;
  });
  if (recipe_.delayed_ranges) saturated_ += saturated;
  if (sums != nullptr) {
    sums->coarse.assign(static_cast<std::size_t>(width), {});
    sums->fine = sums->coarse;
    for (const auto& part : parts) {
      if (part[0].empty()) continue;
      const auto& stats = run.stats;
      add_to(sums->coarse, part[0], part[1], stats);
      add_to(sums->fine, part[2], part[3], stats);
    }
    if (!recipe_.bifurcated) sums->fine = sums->coarse;
  }
  if constexpr (std::is_same_v<Source, WideTensor>) {
    if (options_.keep_gradients) run.wide_gradient = dy;
    if (coarse)
      observe<std::uint8_t>(node, Quantisation::Tensor::kGradient, dy, run.gradient.params,
                            run.gradient.q);
    if (recipe_.bifurcated && keeps_tensors())
      observe<std::uint16_t>(node, Quantisation::Tensor::kWeightGradient, dy,
                             run.wide_gradient_params, run.wide_gradient_q);
  }
}

template void IntegerEngine::quantise_gradient<WideTensor>(const Node&, const WideTensor&, bool,
                                                           NormSums*);
template void IntegerEngine::quantise_gradient<NormGradient>(const Node&, const NormGradient&, bool,
                                                             NormSums*);

void IntegerEngine::release_gradients(const Node& node) {
  if (options_.keep_gradients) return;
  NodeRun& run = run_of(node);
  code_buffers_.give_back(std::move(run.gradient.q));
  wide_code_buffers_.give_back(std::move(run.wide_gradient_q));
  run.gradient.q = {};
  run.wide_gradient_q = {};
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

}  // namespace octet::model
