// Range BN tile by tile: docs/numerics.md section 6.
#include <algorithm>

#include "sim/program/execute/executor.hpp"

namespace octet::sim {

void Executor::rbn_stats(const Command& c) {
  NormRun& run = norms_[static_cast<std::size_t>(c.layer)];
  const Value& x = at(c.a);
  const auto channels = static_cast<std::int64_t>(info(c.a).channels);
  const std::int64_t n = info(c.a).elements / channels;
  if (c.accumulate == 0) {
    run = {};
    run.chunks = model::chunk_count(n, recipe_.chunks);
    run.stats.resize(static_cast<std::size_t>(channels));
    run.seen.resize(static_cast<std::size_t>(channels) * run.chunks);
    run.extremes.argmax.resize(run.seen.size());
    run.extremes.argmin.resize(run.seen.size());
  }
  for_each_element(c, [&](std::size_t element) {
    const auto i = static_cast<std::int64_t>(element) / channels;
    const auto channel = static_cast<std::int64_t>(element) % channels;
    auto chunk = static_cast<int>(i * run.chunks / n);
    while (model::chunk_begin(n, run.chunks, chunk + 1) <= i) ++chunk;
    const auto slot = static_cast<std::size_t>(channel * run.chunks + chunk);
    run.stats[static_cast<std::size_t>(channel)].sum += x.u8[element];
    std::int32_t& top = run.extremes.argmax[slot];
    std::int32_t& bottom = run.extremes.argmin[slot];
    const auto row = static_cast<std::int32_t>(i);
    if (run.seen[slot] == 0) {
      top = bottom = row;
      run.seen[slot] = 1;
      return;
    }
    const std::int32_t value = x.u8[element];
    const std::int32_t high = x.u8[top * channels + channel];
    const std::int32_t low = x.u8[bottom * channels + channel];
    if (value > high || (value == high && row < top)) top = row;
    if (value < low || (value == low && row < bottom)) bottom = row;
  });
}

void Executor::scalar_rbn(const Command& c) {
  NormRun& run = norms_[static_cast<std::size_t>(c.layer)];
  model::NodeState& own = state_.nodes[static_cast<std::size_t>(c.layer)];
  const Value& x = at(c.a);
  const std::vector<float>& gamma = at(c.b).f32;
  const std::vector<float>& beta = at(c.c).f32;
  Value& out = at(c.out);
  const auto channels = static_cast<std::int64_t>(run.stats.size());
  const std::int64_t n = info(c.a).elements / channels;
  const float constant = model::range_constant(recipe_.range_constant, n / run.chunks);
  const bool first = state_.step == 0;
  for (std::int64_t ch = 0; ch < channels; ++ch) {
    model::RangeBnStats& s = run.stats[static_cast<std::size_t>(ch)];
    for (int k = 0; k < run.chunks; ++k) {
      const auto slot = static_cast<std::size_t>(ch * run.chunks + k);
      const std::int32_t high = x.u8[run.extremes.argmax[slot] * channels + ch];
      const std::int32_t low = x.u8[run.extremes.argmin[slot] * channels + ch];
      s.range_sum += high - low;
      s.q_high = k == 0 ? high : std::max(s.q_high, high);
      s.q_low = k == 0 ? low : std::min(s.q_low, low);
    }
    s.mu = model::range_bn_mean(s.sum, n);
    s.reciprocal = model::range_bn_reciprocal(s.range_sum);
    run.inverse.push_back(model::range_bn_inverse(s.reciprocal, run.chunks, constant));
    run.gain.push_back(gamma[ch] * run.inverse.back());
    const float mean = static_cast<float>(s.mu) * 0x1p-8F - static_cast<float>(x.params.zero_point);
    follow(own.running_mean[ch], x.params.scale * mean, first);
    follow(own.running_spread[ch],
           (x.params.scale * static_cast<float>(s.range_sum)) / static_cast<float>(run.chunks),
           first);
  }
  model::Range range = model::range_bn_output_range(run.stats, run.gain, beta);
  if ((c.flags & kClip) != 0) range = {std::max(range.low, 0.0F), std::max(range.high, 0.0F)};
  follow_output(c.layer, range);
  out.params = model::choose_quant_params(range, recipe_.bits.activation);
  for (std::int64_t ch = 0; ch < channels; ++ch) {
    run.apply.push_back(
        model::range_bn_apply_scalars(run.stats[ch].mu, run.gain[ch], beta[ch], out.params.scale));
  }
}

void Executor::rbn_apply(const Command& c) {
  const NormRun& run = norms_[static_cast<std::size_t>(c.layer)];
  Value& out = at(c.out);
  const auto first = static_cast<std::size_t>(c.first);
  const auto count = static_cast<std::size_t>(c.count);
  model::range_bn_apply_ref(
      std::span(at(c.a).u8).subspan(first, count), run.apply, first, out.params,
      (c.flags & kStochastic) != 0 ? model::Rounding::kStochastic : model::Rounding::kNearest,
      {state_.seed, state_.step, model::random_stream(c.layer, model::RandomUse::kActivation)},
      std::span(out.u8).subspan(first, count));
}

void Executor::rbn_grad_sums(const Command& c) {
  const Value& g8 = at(c.a);
  const Value& g16 = at(c.b);
  const Value& x = at(c.c);
  NormRun& run = norms_[static_cast<std::size_t>(info(c.a).node)];
  if (c.accumulate == 0) {
    run.sums8.assign(run.stats.size(), {});
    run.sums16.assign(run.stats.size(), {});
  }
  for_each_element(c, [&](std::size_t i) {
    const std::size_t ch = i % run.stats.size();
    const std::int64_t d = 256 * x.u8[i] - run.stats[ch].mu;
    const std::int64_t a = g8.code(i) - g8.params.zero_point;
    const std::int64_t b = g16.code(i) - g16.params.zero_point;
    run.sums8[ch].gradient += a;
    run.sums8[ch].product += a * d;
    run.sums16[ch].gradient += b;
    run.sums16[ch].product += b * d;
  });
}

void Executor::scalar_rbn_grad(const Command& c) {
  NormRun& run = norms_[static_cast<std::size_t>(c.layer)];
  const model::QuantParams& g8 = at(c.a).params;
  const model::QuantParams& g16 = c.b >= 0 ? at(c.b).params : g8;
  const model::QuantParams& x = at(c.c).params;
  const auto channels = static_cast<std::int64_t>(run.stats.size());
  const std::int64_t n = info(c.a).elements / channels;
  const Buffer<float>& gamma = state_.nodes[static_cast<std::size_t>(c.layer)].weight;
  run.backward.clear();
  run.dx_scales.clear();
  for (std::int64_t ch = 0; ch < channels; ++ch) {
    run.backward.push_back(
        model::range_bn_backward_scalars(run.sums8[ch], n, run.stats[ch].range_sum));
    run.dx_scales.push_back((((gamma[ch] * run.inverse[ch]) / x.scale) * g8.scale) * 0x1p-8F);
    at(c.extra).f32[ch] = static_cast<float>(run.sums16[ch].gradient) * g16.scale;
    at(c.out).f32[ch] =
        static_cast<float>(run.sums16[ch].product) * ((g16.scale * run.inverse[ch]) * 0x1p-8F);
  }
}

void Executor::rbn_grad_apply(const Command& c) {
  const NormRun& run = norms_[static_cast<std::size_t>(c.layer)];
  const Value& g8 = at(c.a);
  Value& out = at(c.out);
  out.scales = run.dx_scales;
  const auto channels = static_cast<std::int64_t>(run.stats.size());
  for_each_element(c, [&](std::size_t i) {
    const std::size_t ch = i % run.stats.size();
    out.i32[i] = run.stats[ch].range_sum == 0
                     ? 0
                     : 256 * (g8.u8[i] - g8.params.zero_point) - run.backward[ch].mean;
  });
  for (std::int64_t ch = 0; ch < channels; ++ch) {
    if (run.stats[ch].range_sum == 0) continue;
    for (int k = 0; k < run.chunks; ++k) {
      const auto slot = static_cast<std::size_t>(ch * run.chunks + k);
      const auto touch = [&](std::int64_t row, std::int32_t value) {
        const std::int64_t i = row * channels + ch;
        if (i >= c.first && i < c.first + c.count) out.i32[i] += value;
      };
      touch(run.extremes.argmax[slot], -run.backward[ch].extreme);
      touch(run.extremes.argmin[slot], run.backward[ch].extreme);
    }
  }
}

}  // namespace octet::sim
