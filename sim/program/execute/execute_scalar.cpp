// Scalar commands: one set of f32 operations a tensor or channel.
#include <algorithm>
#include <cstdlib>

#include "sim/program/execute/executor.hpp"

namespace octet::sim {

model::Range Executor::real_range_of(const Value& wide) const {
  model::Range range;
  for (std::size_t c = 0; c < wide.extremes.size(); ++c) {
    const model::Range part = model::real_range(wide.extremes[c], wide.scales[c]);
    range = c == 0 ? part
                   : model::Range{std::min(range.low, part.low), std::max(range.high, part.high)};
  }
  return range;
}

void Executor::follow_output(int id, const model::Range& range) {
  model::NodeState& own = state_.nodes[static_cast<std::size_t>(id)];
  const bool first = state_.step == 0;
  follow(own.running_output.low, range.low, first);
  follow(own.running_output.high, range.high, first);
  if (recipe_.delayed_ranges && node(id).op != workloads::Op::kNorm) own.delayed_output = range;
}

namespace {

model::Range clip(model::Range range, std::int64_t flags) {
  if ((flags & kClip) == 0) return range;
  return {std::max(range.low, 0.0F), std::max(range.high, 0.0F)};
}

}  // namespace

void Executor::scalar_weight(const Command& c) {
  Value& codes = at(c.out);
  codes.params = model::choose_quant_params(codes.range, recipe_.bits.weight);
}

void Executor::scalar_bias(const Command& c) {
  const model::QuantParams& x = at(c.a).params;
  const model::QuantParams& w = at(c.b).params;
  const float scale = x.scale * w.scale;
  const std::int64_t limit =
      std::int64_t{INT32_MAX} - std::int64_t{node(c.layer).reduction()} * x.q_max * w.q_max;
  Value& out = at(c.out);
  const std::vector<float>& bias = at(c.c).f32;
  out.bias.resize(bias.size());
  for_each_element(c, [&](std::size_t i) {
    const float quotient = model::saturate(bias[i] / scale, -0x1p40F, 0x1p40F);
    out.bias[i] =
        static_cast<std::int32_t>(model::saturate(model::round_half_away(quotient), -limit, limit));
  });
}

void Executor::scalar_activation(const Command& c) {
  model::Range range;
  if ((c.flags & kDelayed) != 0) {
    range = state_.nodes[static_cast<std::size_t>(c.layer)].delayed_output;
  } else {
    range = clip(real_range_of(at(c.a)), c.flags);
    follow_output(c.layer, range);
  }
  at(c.out).params = model::choose_quant_params(range, recipe_.bits.activation);
}

void Executor::scalar_gradient(const Command& c) {
  model::NodeState& own = state_.nodes[static_cast<std::size_t>(c.layer)];
  model::Range range = own.delayed_gradient;
  if ((c.flags & kDelayed) == 0) {
    range = real_range_of(at(c.a));
    if (recipe_.delayed_ranges) own.delayed_gradient = range;
  }
  if (c.out >= 0) at(c.out).params = model::choose_quant_params(range, recipe_.bits.gradient);
  if (c.b >= 0) at(c.b).params = model::choose_quant_params(range, recipe_.bits.weight_gradient);
}

void Executor::scalar_record(const Command& c) {
  const model::Range range = clip(real_range_of(at(c.a)), c.flags);
  if (info(c.a).kind == TensorKind::kWideActivation) {
    follow_output(c.layer, range);
  } else {
    state_.nodes[static_cast<std::size_t>(c.layer)].delayed_gradient = range;
  }
}

void Executor::scalar_add(const Command& c) {
  Value& out = at(c.out);
  const auto magnitude = [](const model::Extremes& e, std::int32_t zero) {
    return std::max(std::abs(e.low - zero), std::abs(e.high - zero));
  };
  struct Side {
    std::int32_t largest = 0;
    float scale = 1.0F;
  };
  const auto side = [&](const Value& v, std::vector<model::Multiplier>& factors) {
    factors.clear();
    if (v.i32.empty()) return Side{magnitude(v.extremes[0], v.params.zero_point), v.params.scale};
    if (v.scales.size() == 1) return Side{magnitude(v.extremes[0], 0), v.scales[0]};
    std::vector<std::int32_t> largest;
    for (const model::Extremes& e : v.extremes) largest.push_back(magnitude(e, 0));
    const model::UnifyScales unify = model::unify_scales(largest, v.scales);
    factors = unify.factors;
    // Requantisation keeps order, so a channel's extremes stay its extremes.
    Side s{0, unify.scale};
    for (std::size_t i = 0; i < v.extremes.size(); ++i) {
      const model::Extremes e{model::requantise_nearest(v.extremes[i].low, factors[i]),
                              model::requantise_nearest(v.extremes[i].high, factors[i])};
      s.largest = std::max(s.largest, magnitude(e, 0));
    }
    return s;
  };
  const Side a = side(at(c.a), out.unify_a);
  const Side b = side(at(c.b), out.unify_b);
  out.add = model::add_scales(a.largest, a.scale, b.largest, b.scale);
  out.scales = {out.add.scale};
}

}  // namespace octet::sim
