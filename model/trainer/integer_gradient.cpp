// How gradients become codes: an 8-bit copy for data gradients, a 16-bit one for weight gradients.
#include <algorithm>
#include <atomic>

#include "common/fetch.hpp"
#include "model/kernels/kernels.hpp"
#include "model/quant/affine_codes.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::model {
namespace {

constexpr std::int64_t kBlock = 4096;  // elements that go through all passes while in the cache

std::int64_t block_rows(std::int64_t width) { return std::max<std::int64_t>(kBlock / width, 1); }

// The codes of all that NormGradient makes but at the extremes of x, where its channels allow it.
std::optional<AffineFactors> affine_factors(const NormGradient& dy, const QuantParams& params,
                                            Rounding rounding) {
  AffineFactors factors;
  for (std::size_t c = 0; c < dy.gain.size(); ++c) {
    Multiplier factor = requantise_multiplier(dy.scales[c], params);
    if (dy.gain[c] == 0) factor = {};  // a dead channel is zero
    const auto affine = rounding == Rounding::kNearest
                            ? affine_nearest(dy.offset[c], factor, params.zero_point)
                            : affine_stochastic(dy.offset[c], factor, params.zero_point);
    if (!affine) return std::nullopt;
    factors.push_back(*affine);
  }
  return factors;
}

// A thread's share of the sums that Range BN takes of its gradient.
struct SumsPart {
  std::vector<std::int64_t> coarse_g, coarse_gq, fine_g, fine_gq;
  std::vector<std::uint8_t> low, high;
  void start(std::size_t width) {
    for (auto* values : {&coarse_g, &coarse_gq, &fine_g, &fine_gq}) values->assign(width, 0);
    low.assign(width, 255);
    high.assign(width, 0);
  }
};

void add_to(std::vector<RangeBnSums>& sums, std::span<const std::int64_t> g,
            std::span<const std::int64_t> gq) {
  for (std::size_t c = 0; c < sums.size(); ++c) {
    sums[c].gradient += g[c];
    sums[c].product += gq[c];
  }
}

// From sums of (g - centre) and (g - centre) q over n rows to those of (g - zero) and
// (g - zero) d, d = 256 q - mu.
void finish(std::vector<RangeBnSums>& sums, std::int64_t to_zero, std::int64_t n,
            std::span<const RangeBnStats> stats) {
  for (std::size_t c = 0; c < sums.size(); ++c) {
    sums[c].gradient += to_zero * n;
    sums[c].product =
        256 * (sums[c].product + to_zero * stats[c].sum) - stats[c].mu * sums[c].gradient;
  }
}

}  // namespace

void FineCodes::rows(const NormGradient& gradient, std::int64_t first, std::int64_t last,
                     std::uint16_t* codes) const {
  const std::size_t channels = gradient.gain.size();
  factors.run(gradient.norm->gradient.q.data() + static_cast<std::size_t>(first) * channels,
              static_cast<std::size_t>(last - first), q_max, codes);
  gradient.at_extremes(first, last, [&](std::int64_t row, std::size_t c, std::int32_t e) {
    codes[static_cast<std::size_t>(row - first) * channels + c] =
        static_cast<std::uint16_t>(at_extreme.value(e, c, 0));
  });
}

bool IntegerEngine::makes_fine_codes(const Node& node) const {
  const workloads::Window& w = node.window;
  // Where a weight gradient takes images one by one at no extra cost.
  const bool one_by_one = w.groups == 1 && (w.kernel_h > 1 || w.kernel_w > 1);
  return node.op == workloads::Op::kConv && one_by_one && node.weights() < kManyWeights &&
         !keeps_tensors();
}

Range IntegerEngine::range(const NormGradient& gradient) {
  const std::size_t channels = gradient.scales.size();
  std::vector<Range> parts(channels);
  pool_.split(
      static_cast<std::int64_t>(channels), 8, [&](std::int64_t begin, std::int64_t end, int) {
        for (auto c = static_cast<std::size_t>(begin); c < static_cast<std::size_t>(end); ++c)
          parts[c] = real_range(gradient.extremes(c, {gradient.lowest[c], gradient.highest[c]}),
                                gradient.scales[c]);
      });
  Range range = parts.front();
  for (const Range& part : parts)
    range = {std::min(range.low, part.low), std::max(range.high, part.high)};
  return range;
}

void IntegerEngine::choose_gradient_params(const Node& node, Range current) {
  NodeRun& run = run_of(node);
  NodeState& state = state_of(node);
  Range used = current;
  if (recipe_.delayed_ranges) {
    if (state_.step > 0) used = state.delayed_gradient;
    state.delayed_gradient = current;
  }
  run.gradient.params = choose_quant_params(used, recipe_.bits.gradient);
  run.wide_gradient_params = choose_quant_params(used, recipe_.bits.weight_gradient);
}

WideQuantiser IntegerEngine::coarse_quantiser(const Node& node, std::span<const float> scales) {
  return wide_quantiser(scales, run_of(node).gradient.params, recipe_.rounding.gradient,
                        {state_.seed, state_.step, random_stream(node.id, RandomUse::kGradient)},
                        !recipe_.delayed_ranges);
}

WideQuantiser IntegerEngine::fine_quantiser(const Node& node, std::span<const float> scales) {
  return wide_quantiser(
      scales, run_of(node).wide_gradient_params, recipe_.rounding.weight_gradient,
      {state_.seed, state_.step, random_stream(node.id, RandomUse::kWeightGradient)},
      !recipe_.delayed_ranges);
}

void IntegerEngine::quantise_gradient(const Node& node, const WideTensor& dy,
                                      bool need_data_gradient) {
  NodeRun& run = run_of(node);
  const auto size = static_cast<std::int64_t>(dy.x.size());
  const auto width = static_cast<std::int64_t>(node.out.channels);
  const bool coarse = need_data_gradient || !recipe_.bifurcated;
  choose_gradient_params(node, range(dy));
  if (coarse) run.gradient.q = code_buffers_.take(dy.x.size());
  if (recipe_.bifurcated) run.wide_gradient_q = wide_code_buffers_.take(dy.x.size());
  const WideQuantiser to_coarse = coarse_quantiser(node, dy.scales);
  const WideQuantiser to_fine = fine_quantiser(node, dy.scales);
  std::atomic<std::int64_t> saturated = 0;
  pool_.share(
      size / width, 64, kWideRecent / width, [&](std::int64_t begin, std::int64_t end, int) {
        std::int64_t outside = 0;
        for_blocks(begin, end, block_rows(width), [&](std::int64_t row, std::int64_t last) {
          const auto first = static_cast<std::size_t>(row * width);
          const auto count = static_cast<std::size_t>((last - row) * width);
          const std::span wide(dy.x.data() + first, count);
          if (coarse)
            outside +=
                to_coarse.run<std::uint8_t>(wide, first, {run.gradient.q.data() + first, count});
          if (recipe_.bifurcated)
            outside += to_fine.run<std::uint16_t>(wide, first,
                                                  {run.wide_gradient_q.data() + first, count});
        });
        saturated += outside;
      });
  if (recipe_.delayed_ranges) saturated_ += saturated;
  observe_gradient(node, dy);
}

void IntegerEngine::quantise_gradient(const Node& node, const NormGradient& dy,
                                      bool need_data_gradient) {
  NodeRun& run = run_of(node);
  const auto width = static_cast<std::int64_t>(node.out.channels);
  const auto size = static_cast<std::int64_t>(batch_) * node.out.elements();
  const bool coarse = need_data_gradient || !recipe_.bifurcated;
  const auto whole = [&] { quantise_gradient(node, *to_wide(dy, size), need_data_gradient); };
  if (recipe_.delayed_ranges || !recipe_.bifurcated ||
      recipe_.rounding.gradient != Rounding::kStochastic ||
      recipe_.rounding.weight_gradient != Rounding::kNearest)
    return whole();
  choose_gradient_params(node, range(dy));
  const auto coarse_factors = affine_factors(dy, run.gradient.params, Rounding::kStochastic);
  const auto fine_factors = affine_factors(dy, run.wide_gradient_params, Rounding::kNearest);
  if (!coarse_factors || !fine_factors) return whole();

  if (coarse) run.gradient.q = code_buffers_.take(static_cast<std::size_t>(size));
  const FineCodes fine{*fine_factors, fine_quantiser(node, dy.scales),
                       run.wide_gradient_params.q_max};
  const bool later = makes_fine_codes(node);
  if (later)
    run.fine = fine;
  else
    run.wide_gradient_q = wide_code_buffers_.take(static_cast<std::size_t>(size));
  const std::uint8_t* g = dy.norm->gradient.q.data();
  const WideQuantiser to_coarse = coarse_quantiser(node, dy.scales);
  const RandomAddress random{state_.seed, state_.step,
                             random_stream(node.id, RandomUse::kGradient)};
  pool_.share(size / width, 64, 0, [&](std::int64_t begin, std::int64_t end, int) {
    const std::int64_t block = block_rows(width);
    Buffer<std::uint16_t> bits(coarse ? static_cast<std::size_t>(block * width) : 0);
    for_blocks(begin, end, block, [&](std::int64_t row, std::int64_t last) {
      const auto first = static_cast<std::size_t>(row * width);
      const auto rows = static_cast<std::size_t>(last - row);
      if (coarse) {
        fetch(std::span(g + first, rows * static_cast<std::size_t>(width)));
        fill_random_bits(random, first, bits.data(), rows * static_cast<std::size_t>(width));
        coarse_factors->run(g + first, rows, run.gradient.params.q_max, bits.data(),
                            run.gradient.q.data() + first);
      }
      if (!later) fine.rows(dy, row, last, run.wide_gradient_q.data() + first);
    });
    if (!coarse) return;
    dy.at_extremes(begin, end, [&](std::int64_t row, std::size_t c, std::int32_t e) {
      const std::size_t at = static_cast<std::size_t>(row * width) + c;
      run.gradient.q[at] =
          static_cast<std::uint8_t>(to_coarse.value(e, c, random_bits(random, at)));
    });
  });
}

IntegerEngine::NormSums IntegerEngine::quantise_norm_gradient(const Node& node,
                                                              const WideTensor& dy) {
  NodeRun& run = run_of(node);
  const auto width = static_cast<std::int64_t>(node.out.channels);
  const auto channels = static_cast<std::size_t>(width);
  choose_gradient_params(node, range(dy));
  const bool keep_fine = recipe_.bifurcated && keeps_tensors();
  run.gradient.q = code_buffers_.take(dy.x.size());
  if (keep_fine) run.wide_gradient_q = wide_code_buffers_.take(dy.x.size());
  const WideQuantiser to_coarse = coarse_quantiser(node, dy.scales);
  const WideQuantiser to_fine = fine_quantiser(node, dy.scales);
  const std::uint8_t* x = input_of(node).output.q.data();
  std::atomic<std::int64_t> saturated = 0;
  std::vector<SumsPart> parts(static_cast<std::size_t>(pool_.threads()));
  pool_.share(static_cast<std::int64_t>(dy.x.size()) / width, 64, kWideRecent / width,
              [&](std::int64_t begin, std::int64_t end, int piece) {
                const std::int64_t block = block_rows(width);
                const auto most = static_cast<std::size_t>(block * width);
                Buffer<std::uint16_t> bits(2 * most), fine(keep_fine ? 0 : most);
                SumsPart& part = parts[static_cast<std::size_t>(piece)];
                if (part.low.empty()) part.start(channels);
                std::int64_t outside = 0;
                for_blocks(begin, end, block, [&](std::int64_t row, std::int64_t last) {
                  const auto first = static_cast<std::size_t>(row * width);
                  const auto rows = static_cast<std::size_t>(last - row);
                  const std::span wide(dy.x.data() + first, rows * channels);
                  fetch(std::span(x + first, rows * channels));
                  NormGradientJob job{};
                  job.coarse = to_coarse.job(wide, first, bits.data());
                  if (recipe_.bifurcated) {
                    job.fine = to_fine.job(wide, first, bits.data() + most);
                    job.fine_codes = keep_fine ? run.wide_gradient_q.data() + first : fine.data();
                  }
                  job.rows = rows;
                  job.channels = channels;
                  job.q = x + first;
                  job.coarse_codes = run.gradient.q.data() + first;
                  job.keep_fine = keep_fine;
                  job.coarse_g = part.coarse_g.data();
                  job.coarse_gq = part.coarse_gq.data();
                  job.fine_g = part.fine_g.data();
                  job.fine_gq = part.fine_gq.data();
                  job.low = part.low.data();
                  job.high = part.high.data();
                  outside += range_bn_quantise_gradient(job);
                });
                saturated += outside;
              });
  if (recipe_.delayed_ranges) saturated_ += saturated;
  NormSums sums{std::vector<RangeBnSums>(channels), std::vector<RangeBnSums>(channels),
                std::vector<std::uint8_t>(channels, 255), std::vector<std::uint8_t>(channels, 0)};
  for (const SumsPart& part : parts) {
    if (part.low.empty()) continue;
    add_to(sums.coarse, part.coarse_g, part.coarse_gq);
    add_to(sums.fine, part.fine_g, part.fine_gq);
    for (std::size_t c = 0; c < channels; ++c) {
      sums.low[c] = std::min(sums.low[c], part.low[c]);
      sums.high[c] = std::max(sums.high[c], part.high[c]);
    }
  }
  const std::int64_t n = static_cast<std::int64_t>(dy.x.size()) / width;
  finish(sums.coarse, kCoarseCentre - run.gradient.params.zero_point, n, run.stats);
  finish(sums.fine, kFineCentre - run.wide_gradient_params.zero_point, n, run.stats);
  if (!recipe_.bifurcated) sums.fine = sums.coarse;
  observe_gradient(node, dy);
  return sums;
}

void IntegerEngine::observe_gradient(const Node& node, const WideTensor& dy) {
  NodeRun& run = run_of(node);
  if (options_.keep_gradients) run.wide_gradient = dy;
  if (!run.gradient.q.empty())
    observe<std::uint8_t>(node, Quantisation::Tensor::kGradient, dy, run.gradient.params,
                          run.gradient.q);
  if (recipe_.bifurcated && keeps_tensors())
    observe<std::uint16_t>(node, Quantisation::Tensor::kWeightGradient, dy,
                           run.wide_gradient_params, run.wide_gradient_q);
}

void IntegerEngine::release_gradients(const Node& node) {
  if (options_.keep_gradients) return;
  NodeRun& run = run_of(node);
  code_buffers_.give_back(std::move(run.gradient.q));
  wide_code_buffers_.give_back(std::move(run.wide_gradient_q));
  run.gradient.q = {};
  run.wide_gradient_q = {};
}

}  // namespace octet::model
