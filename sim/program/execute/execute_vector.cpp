#include <algorithm>

#include "model/ops/softmax_xent.hpp"
#include "sim/program/execute/executor.hpp"

namespace octet::sim {

void Executor::range(const Command& c) {
  const Tensor& tensor = info(c.a);
  const Value& from = at(c.a);
  Value& to = at(c.out);
  if (tensor.kind == TensorKind::kMaster) {
    if (c.accumulate == 0) to.range = {from.f32[c.first], from.f32[c.first]};
    for_each_element(c, [&](std::size_t i) {
      to.range = {std::min(to.range.low, from.f32[i]), std::max(to.range.high, from.f32[i])};
    });
    return;
  }
  const std::size_t channels = (c.flags & kPerChannel) != 0 ? tensor.channels : 1;
  if (c.accumulate == 0) to.extremes.assign(channels, {INT32_MAX, INT32_MIN});
  for_each_element(c, [&](std::size_t i) {
    const std::int32_t x = from.i32.empty() ? from.code(i) : from.i32[i];
    model::Extremes& e = to.extremes[i % channels];
    e = {std::min(e.low, x), std::max(e.high, x)};
  });
}

void Executor::quantise(const Command& c) {
  const Value& wide = at(c.a);
  Value& codes = at(c.out);
  std::vector<model::Multiplier> factors;
  for (const float scale : wide.scales) {
    factors.push_back(model::requantise_multiplier(scale, codes.params));
  }
  const Tensor& tensor = info(c.out);
  const auto use = tensor.kind == TensorKind::kActivation ? model::RandomUse::kActivation
                   : (c.flags & kWideCopy) != 0           ? model::RandomUse::kWeightGradient
                                                          : model::RandomUse::kGradient;
  const model::QuantiseJob job{
      codes.params,
      factors,
      (c.flags & kStochastic) != 0 ? model::Rounding::kStochastic : model::Rounding::kNearest,
      {state_.seed, state_.step, model::random_stream(tensor.node, use)}};
  const auto run = [&](std::size_t first, std::size_t count) {
    const auto from = std::span(wide.i32).subspan(first, count);
    const std::int64_t saturated =
        tensor.element_bytes == 1
            ? model::quantise_wide_ref(from, first, job, std::span(codes.u8).subspan(first, count))
            : model::quantise_wide_ref(from, first, job,
                                       std::span(codes.u16).subspan(first, count));
    if (recipe_.delayed_ranges) outcome_.saturated += saturated;
  };
  if (c.n == 0) {
    run(static_cast<std::size_t>(c.first), static_cast<std::size_t>(c.count));
    return;
  }
  for (std::int64_t r = c.first; r < c.first + c.count; ++r) {
    run(static_cast<std::size_t>(r * c.pitch + c.n0), static_cast<std::size_t>(c.n));
  }
}

void Executor::quantise_weight(const Command& c) {
  Value& codes = at(c.out);
  for_each_element(c, [&](std::size_t i) {
    codes.u8[i] = static_cast<std::uint8_t>(model::quantise_value(at(c.a).f32[i], codes.params));
  });
}

void Executor::mask(const Command& c) {
  const Value& dy = at(c.a);
  const Value& y = at(c.b);
  Value& dx = at(c.out);
  dx.scales = dy.scales;
  for_each_element(
      c, [&](std::size_t i) { dx.i32[i] = y.u8[i] > y.params.zero_point ? dy.i32[i] : 0; });
}

void Executor::pool(const Command& c) {
  const workloads::Node& n = node(c.layer);
  const Value& x = at(c.a);
  Value& y = at(c.out);
  const bool max = c.op == Opcode::kMaxPool;
  if (max) {
    y.params = x.params;
  } else {
    y.scales = {x.params.scale / static_cast<float>(n.window.kernel_h * n.window.kernel_w)};
  }
  const std::int64_t channels = n.out.channels;
  for_each_element(c, [&](std::size_t i) {
    const std::int64_t channel = static_cast<std::int64_t>(i) % channels;
    const std::int64_t pixel = static_cast<std::int64_t>(i) / channels;
    const std::int64_t image = pixel / (std::int64_t{n.out.height} * n.out.width);
    const std::int64_t row = pixel / n.out.width % n.out.height;
    const std::int64_t column = pixel % n.out.width;
    std::int64_t winner = -1;
    std::int32_t sum = 0;
    for (int ky = 0; ky < n.window.kernel_h; ++ky) {
      for (int kx = 0; kx < n.window.kernel_w; ++kx) {
        const std::int64_t v = row * n.window.stride_h + ky - n.window.pad_h;
        const std::int64_t u = column * n.window.stride_w + kx - n.window.pad_w;
        if (v < 0 || v >= n.in.height || u < 0 || u >= n.in.width) continue;
        const std::int64_t in = ((image * n.in.height + v) * n.in.width + u) * channels + channel;
        sum += x.u8[in] - x.params.zero_point;
        if (winner < 0 || x.u8[in] > x.u8[winner]) winner = in;
      }
    }
    if (max) {
      y.u8[i] = x.u8[winner];
      at(c.extra).i32[i] = static_cast<std::int32_t>(winner);
    } else {
      y.i32[i] = sum;
    }
  });
}

void Executor::pool_gradient(const Command& c) {
  const workloads::Node& n = node(c.layer);
  const Value& dy = at(c.a);
  Value& dx = at(c.out);
  dx.scales = dy.scales;
  const auto made_here = [&c](std::int64_t i) {
    if (c.n == 0) return i >= c.first && i < c.first + c.count;
    return i / c.pitch >= c.first && i / c.pitch < c.first + c.count && i % c.pitch >= c.n0 &&
           i % c.pitch < c.n0 + c.n;
  };
  if (c.accumulate == 0) for_each_element(c, [&](std::size_t i) { dx.i32[i] = 0; });
  const std::int64_t channels = n.out.channels;
  // The gradients read: all channels, or those that are made.
  const auto for_each_read = [&](const auto& body) {
    const std::int64_t run = c.n == 0 ? c.m : c.n;
    for (std::int64_t i = 0; i < c.m; ++i) {
      body(c.n == 0 ? c.m0 + i : c.m0 + i / run * channels + c.n0 + i % run);
    }
  };
  if (c.op == Opcode::kMaxPoolGrad) {
    for_each_read([&](std::int64_t i) {
      const std::int64_t winner = at(c.extra).i32[i];
      if (made_here(winner)) dx.i32[winner] += dy.i32[i];
    });
    return;
  }
  for (float& scale : dx.scales) {
    scale = scale / static_cast<float>(n.window.kernel_h * n.window.kernel_w);
  }
  for_each_read([&](std::int64_t i) {
    const std::int64_t pixel = i / channels;
    const std::int64_t image = pixel / (std::int64_t{n.out.height} * n.out.width);
    for (int ky = 0; ky < n.window.kernel_h; ++ky) {
      for (int kx = 0; kx < n.window.kernel_w; ++kx) {
        const std::int64_t v =
            pixel / n.out.width % n.out.height * n.window.stride_h + ky - n.window.pad_h;
        const std::int64_t u = pixel % n.out.width * n.window.stride_w + kx - n.window.pad_w;
        if (v < 0 || v >= n.in.height || u < 0 || u >= n.in.width) continue;
        const std::int64_t in =
            ((image * n.in.height + v) * n.in.width + u) * channels + i % channels;
        if (made_here(in)) dx.i32[in] += dy.i32[i];
      }
    }
  });
}

void Executor::add(const Command& c) {
  const Value& a = at(c.a);
  const Value& b = at(c.b);
  Value& out = at(c.out);
  const auto unified = [](const Value& v, const std::vector<model::Multiplier>& factors,
                          std::size_t i) {
    return factors.empty() ? v.i32[i]
                           : model::requantise_nearest(v.i32[i], factors[i % factors.size()]);
  };
  for_each_element(c, [&](std::size_t i) {
    const bool codes = c.op == Opcode::kAddCodes;
    const std::int32_t xa = codes ? a.u8[i] - a.params.zero_point : unified(a, out.unify_a, i);
    const std::int32_t xb = codes ? b.u8[i] - b.params.zero_point : unified(b, out.unify_b, i);
    out.i32[i] =
        model::requantise_nearest(xa, out.add.a) + model::requantise_nearest(xb, out.add.b);
  });
}

void Executor::softmax(const Command& c) {
  const Value& logits = at(c.a);
  Value& dx = at(c.out);
  const bool codes = logits.i32.empty();
  const float scale = codes ? logits.params.scale : logits.scales[0];
  std::vector<std::int32_t> x;
  for_each_element(c, [&](std::size_t i) {
    x.push_back(codes ? logits.u8[i] - logits.params.zero_point : logits.i32[i]);
  });
  const auto image = static_cast<std::size_t>(c.first / c.k);
  const auto images = static_cast<std::size_t>(c.count / c.k);
  const model::SoftmaxResult result =
      model::softmax_xent_ref(x, static_cast<int>(c.k), model::softmax_factor(scale),
                              std::span(at(c.b).u16).subspan(image, images),
                              std::span(dx.i32).subspan(static_cast<std::size_t>(c.first),
                                                        static_cast<std::size_t>(c.count)));
  dx.scales = {1.0F / (static_cast<float>(program_.batch) * 16777216.0F)};
  outcome_.loss_sum += model::nats(result.loss_q16_log2);
  outcome_.correct += result.correct;
}

void Executor::update(const Command& c) {
  model::SgdRates rates = rates_;
  if ((c.flags & kDecay) == 0) rates.weight_decay = 0.0F;
  const auto first = static_cast<std::size_t>(c.first);
  const auto count = static_cast<std::size_t>(c.count);
  model::sgd_update(std::span(at(c.a).f32).subspan(first, count), rates,
                    std::span(at(c.b).f32).subspan(first, count),
                    std::span(at(c.out).f32).subspan(first, count));
}

}  // namespace octet::sim
