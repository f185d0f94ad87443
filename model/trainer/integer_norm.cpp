#include <algorithm>

#include "model/kernels/kernels.hpp"
#include "model/trainer/integer_engine.hpp"
#include "model/trainer/running.hpp"

namespace octet::model {

using workloads::Op;

void NormGradient::rows(std::int64_t first, std::int64_t last, std::int32_t* e) const {
  const std::size_t channels = gain.size();
  kernels().centre_gradient(norm->gradient.q.data() + first * static_cast<std::int64_t>(channels),
                            static_cast<std::size_t>(last - first), channels, gain.data(),
                            offset.data(), e);
  at_extremes(first, last, [&](std::int64_t row, std::size_t c, std::int32_t value) {
    e[static_cast<std::size_t>(row - first) * channels + c] = value;
  });
}

Extremes NormGradient::extremes(std::size_t channel, const Extremes& codes) const {
  const std::size_t channels = gain.size();
  const std::uint8_t* g = norm->gradient.q.data() + channel;
  const auto e = [&](std::int64_t code) {
    return static_cast<std::int32_t>(gain[channel] * code) - offset[channel];
  };
  if (norm->stats[channel].range_sum == 0) return {e(codes.low), e(codes.high)};
  // The values at the extremes of x are others; the rest lies between the codes' ends, unless such
  // an end is held at an extreme alone: then the rest is looked through.
  Extremes found = kNoValues;
  const auto widen = [&](std::int32_t value) {
    found = {std::min(found.low, value), std::max(found.high, value)};
  };
  std::vector<std::int64_t> rows;
  bool at_end = false;
  // They lie apart in memory: fetched together they are waited for once.
  for (int k = 0; k < norm->chunks; ++k) {
    const std::size_t at = channel * static_cast<std::size_t>(norm->chunks) + k;
    for (const std::int64_t row : {norm->extremes.argmax[at], norm->extremes.argmin[at]})
      __builtin_prefetch(g + static_cast<std::size_t>(row) * channels);
  }
  for (int k = 0; k < norm->chunks; ++k) {
    const std::size_t at = channel * static_cast<std::size_t>(norm->chunks) + k;
    const std::int64_t high = norm->extremes.argmax[at];
    const std::int64_t low = norm->extremes.argmin[at];
    const std::int32_t t = high == low ? 0 : scalars[channel].extreme;
    for (const std::int64_t row : {high, low}) {
      const std::int32_t code = g[static_cast<std::size_t>(row) * channels];
      widen(row == high ? e(code) - t : e(code) + t);
      at_end = at_end || code == codes.low || code == codes.high;
      rows.push_back(row);
    }
  }
  if (!at_end) {
    widen(e(codes.low));
    widen(e(codes.high));
    return found;
  }
  std::sort(rows.begin(), rows.end());
  auto next = rows.begin();
  const auto n = static_cast<std::int64_t>(norm->gradient.q.size() / channels);
  std::int32_t low = 256, high = -1;
  for (std::int64_t row = 0; row < n; ++row) {
    while (next != rows.end() && *next < row) ++next;
    if (next != rows.end() && *next == row) continue;
    const std::int32_t code = g[static_cast<std::size_t>(row) * channels];
    low = std::min(low, code);
    high = std::max(high, code);
  }
  if (high >= 0) {
    widen(e(low));
    widen(e(high));
  }
  return found;
}

void IntegerEngine::forward_norm(const Node& node) {
  const StepTimer timer(options_.clock, node.id, StepPart::kNorm);
  const QuantTensor& x = input_of(node).output;
  if (recipe_.norm == Recipe::Norm::kNone) {
    run_of(node).output = x;
    return;
  }
  if (training_)
    training_norm_scalars(node, x);
  else
    inference_norm_scalars(node, x);
  apply_norm(node, x);
}

void IntegerEngine::training_norm_scalars(const Node& node, const QuantTensor& x) {
  NodeRun& run = run_of(node);
  NodeState& state = state_of(node);
  const int channels = node.out.channels;
  const auto width = static_cast<std::size_t>(channels);
  const auto n = static_cast<std::int64_t>(x.q.size()) / channels;
  run.chunks = chunk_count(n, recipe_.chunks);
  const float constant = range_constant(recipe_.range_constant, n / run.chunks);
  run.extremes.argmax.resize(width * run.chunks);
  run.extremes.argmin.resize(width * run.chunks);
  std::vector<std::vector<RangeBnStats>> parts(static_cast<std::size_t>(pool_.threads()));
  pool_.share(run.chunks, 1, 0, [&](std::int64_t begin, std::int64_t end, int piece) {
    auto& part = parts[static_cast<std::size_t>(piece)];
    if (part.empty()) part.assign(width, kNoCodes);
    range_bn_chunks(x.q, channels, run.chunks, static_cast<int>(begin), static_cast<int>(end), part,
                    run.extremes);
  });
  std::erase_if(parts, [](const auto& part) { return part.empty(); });
  run.stats.resize(width);
  range_bn_combine(parts, n, run.stats);

  run.inverse.resize(width);
  run.gain.resize(width);
  run.apply.resize(width);
  const bool first = state_.step == 0;
  for (std::size_t c = 0; c < width; ++c) {
    const RangeBnStats& s = run.stats[c];
    run.inverse[c] = range_bn_inverse(s.reciprocal, run.chunks, constant);
    run.gain[c] = state.weight[c] * run.inverse[c];
    dead_channels_ += s.range_sum == 0;
    const float mean = static_cast<float>(s.mu) * 0x1p-8F - static_cast<float>(x.params.zero_point);
    follow(state.running_mean[c], x.params.scale * mean, first);
    follow(state.running_spread[c],
           (x.params.scale * static_cast<float>(s.range_sum)) / static_cast<float>(run.chunks),
           first);
  }
  const Range range = output_range(node, range_bn_output_range(run.stats, run.gain, state.bias));
  run.output.params = choose_quant_params(range, recipe_.bits.activation);
  for (std::size_t c = 0; c < width; ++c)
    run.apply[c] = range_bn_apply_scalars(run.stats[c].mu, run.gain[c], state.bias[c],
                                          run.output.params.scale);
}

void IntegerEngine::inference_norm_scalars(const Node& node, const QuantTensor& x) {
  NodeRun& run = run_of(node);
  const NodeState& state = state_of(node);
  const std::int64_t n =
      std::int64_t{options_.batch} * node.out.height * node.out.width;  // the training batch
  const float constant = range_constant(recipe_.range_constant, n / chunk_count(n, recipe_.chunks));
  run.output.params = choose_quant_params(output_range(node, {}), recipe_.bits.activation);
  run.apply.resize(state.weight.size());
  for (std::size_t c = 0; c < state.weight.size(); ++c) {
    const float spread = constant * state.running_spread[c];
    const float inverse = spread > 0.0F ? x.params.scale / spread : 0.0F;
    const float mean =
        (state.running_mean[c] / x.params.scale + static_cast<float>(x.params.zero_point)) * 256.0F;
    const auto mu = static_cast<std::int32_t>(round_half_away(saturate(mean, -0x1p24F, 0x1p24F)));
    run.apply[c] = range_bn_apply_scalars(mu, state.weight[c] * inverse, state.bias[c],
                                          run.output.params.scale);
  }
}

void IntegerEngine::apply_norm(const Node& node, const QuantTensor& x) {
  NodeRun& run = run_of(node);
  run.output.q.resize(x.q.size());
  const RandomAddress random{state_.seed, state_.step,
                             random_stream(node.id, RandomUse::kActivation)};
  std::optional<RangeBnMap> map;
  if (recipe_.rounding.activation == Rounding::kNearest)
    map = range_bn_map(
        run.apply,
        training_ ? std::span<const RangeBnStats>(run.stats) : std::span<const RangeBnStats>(),
        run.output.params);
  pool_.share(static_cast<std::int64_t>(x.q.size()), 16L * node.out.channels, 0,
              [&](std::int64_t begin, std::int64_t end, int) {
                const auto at = static_cast<std::size_t>(begin);
                const auto count = static_cast<std::size_t>(end - begin);
                const auto codes = std::span<const std::uint8_t>(x.q).subspan(at, count);
                const auto y = std::span<std::uint8_t>(run.output.q).subspan(at, count);
                if (map)
                  range_bn_apply(codes, *map, y);
                else
                  range_bn_apply(codes, run.apply, static_cast<std::uint64_t>(begin),
                                 run.output.params, recipe_.rounding.activation, random, y);
              });
}

void IntegerEngine::backward_norm(const Node& node, const WideTensor& dy, const SgdRates& rates) {
  NodeRun& run = run_of(node);
  NodeState& state = state_of(node);
  NodeRun& input = input_of(node);
  NormSums sums;
  {
    const StepTimer timer(options_.clock, node.id, StepPart::kQuantise);
    sums = quantise_norm_gradient(node, dy);
  }
  const StepTimer timer(options_.clock, node.id, StepPart::kNorm);
  const QuantTensor& x = input.output;
  const std::size_t width = run.stats.size();
  const auto n = static_cast<std::int64_t>(x.q.size() / width);
  const QuantParams& g = run.gradient.params;

  NormGradient dx;
  dx.norm = &run;
  dx.lowest = std::move(sums.low);
  dx.highest = std::move(sums.high);
  dx.gain.resize(width);
  dx.offset.resize(width);
  dx.scalars.resize(width);
  dx.scales.resize(width);
  for (std::size_t c = 0; c < width; ++c) {
    dx.scalars[c] = range_bn_backward_scalars(sums.coarse[c], n, run.stats[c].range_sum);
    dx.scales[c] = (((state.weight[c] * run.inverse[c]) / x.params.scale) * g.scale) * 0x1p-8F;
    const bool dead = run.stats[c].range_sum == 0;
    dx.gain[c] = dead ? 0 : 256;
    dx.offset[c] = dead ? 0 : 256 * g.zero_point + dx.scalars[c].mean;
  }

  const QuantParams& fine = recipe_.bifurcated ? run.wide_gradient_params : g;
  std::vector<float> dgamma(width);
  std::vector<float> dbeta(width);
  for (std::size_t c = 0; c < width; ++c) {
    dbeta[c] = static_cast<float>(sums.fine[c].gradient) * fine.scale;
    dgamma[c] =
        static_cast<float>(sums.fine[c].product) * ((fine.scale * run.inverse[c]) * 0x1p-8F);
  }
  SgdRates plain = rates;
  plain.weight_decay = 0.0F;
  update(dgamma, plain, state.weight_velocity, state.weight);
  update(dbeta, plain, state.bias_velocity, state.bias);

  // A weighted layer that feeds nothing else makes its gradient row by row when it quantises it.
  const Node& from = node_of(node.inputs[0]);
  const bool weighted = from.op == Op::kConv || from.op == Op::kFullyConnected;
  if (weighted && from.consumers.size() == 1 && !keeps_tensors()) {
    input.norm_gradient = std::move(dx);
    return;
  }
  contribute(node, 0, to_wide(dx, static_cast<std::int64_t>(x.q.size())));
  release_gradients(node);
}

}  // namespace octet::model
