#include <algorithm>

#include "model/kernels/kernels.hpp"
#include "model/ops/add.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::model {
namespace {

using workloads::Op;

constexpr std::int64_t kManyWeights = 200'000;  // above: share out channels, below: images

std::vector<std::int32_t> largest_of_channels(const WideTensor& wide) {
  std::vector<std::int32_t> largest(wide.scales.size());
  for (std::size_t i = 0; i < wide.x.size(); ++i) {
    std::int32_t& top = largest[i % largest.size()];
    top = std::max(top, wide.x[i] < 0 ? -wide.x[i] : wide.x[i]);
  }
  return largest;
}

void unify(WideTensor& wide) {
  if (wide.scales.size() == 1) return;
  const UnifyScales scales = unify_scales(largest_of_channels(wide), wide.scales);
  unify_wide_ref(wide.x, scales, wide.x);
  wide.scales = {scales.scale};
}

}  // namespace

void IntegerEngine::backward(const SgdRates& rates) {
  for (auto node = network_.nodes.rbegin(); node != network_.nodes.rend(); ++node) {
    if (node->op == Op::kInput || node->op == Op::kSoftmaxCrossEntropy) continue;
    WideTensor dy = collect_gradient(*node);
    switch (node->op) {
      case Op::kConv:
      case Op::kFullyConnected:
        backward_weighted(*node, dy, rates);
        break;
      case Op::kNorm:
        if (recipe_.norm == Recipe::Norm::kNone)
          contribute(*node, 0, std::move(dy));
        else
          backward_norm(*node, dy, rates);
        break;
      case Op::kRelu: {
        const QuantTensor& y = run_of(*node).output;
        pool_.split(static_cast<std::int64_t>(y.q.size()), 4096,
                    [&](std::int64_t begin, std::int64_t end, int) {
                      kernels().relu_backward(
                          dy.x.data() + begin, y.q.data() + begin, y.params.zero_point,
                          static_cast<std::size_t>(end - begin), dy.x.data() + begin);
                    });
        contribute(*node, 0, std::move(dy));
        break;
      }
      case Op::kMaxPool:
      case Op::kAvgPool:
        backward_pool(*node, dy);
        break;
      case Op::kAdd:
        contribute(*node, 1, dy);
        contribute(*node, 0, std::move(dy));
        break;
      case Op::kShortcut:
        backward_shortcut(*node, dy);
        break;
      case Op::kInput:
      case Op::kSoftmaxCrossEntropy:
        break;
    }
  }
}

WideTensor IntegerEngine::collect_gradient(const Node& node) {
  auto& parts = run_of(node).contributions;
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  WideTensor sum = std::move(parts.front().second);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    WideTensor& next = parts[i].second;
    unify(sum);
    unify(next);
    const AddScales scales = add_scales(largest_magnitude(sum.x), sum.scales[0],
                                        largest_magnitude(next.x), next.scales[0]);
    add_wide_ref(sum.x, next.x, scales, sum.x);
    sum.scales = {scales.scale};
  }
  parts.clear();
  return sum;
}

void IntegerEngine::quantise_gradient(const Node& node, const WideTensor& dy,
                                      bool need_data_gradient) {
  NodeRun& run = run_of(node);
  NodeState& state = state_of(node);
  if (options_.keep_gradients) run.wide_gradient = dy;
  Range range = wide_range(dy);
  if (recipe_.delayed_ranges) {
    const Range current = range;
    if (state_.step > 0) range = state.delayed_gradient;
    state.delayed_gradient = current;
  }
  run.gradient.params = choose_quant_params(range, recipe_.bits.gradient);
  if (need_data_gradient || !recipe_.bifurcated) {
    run.gradient.q.resize(dy.x.size());
    quantise<std::uint8_t>(dy, run.gradient.params, recipe_.rounding.gradient,
                           random_stream(node.id, RandomUse::kGradient), run.gradient.q);
  }
  if (!recipe_.bifurcated) return;
  run.wide_gradient_params = choose_quant_params(range, recipe_.bits.weight_gradient);
  run.wide_gradient_q.resize(dy.x.size());
  quantise<std::uint16_t>(dy, run.wide_gradient_params, recipe_.rounding.weight_gradient,
                          random_stream(node.id, RandomUse::kWeightGradient), run.wide_gradient_q);
}

void IntegerEngine::update(std::span<const float> gradient, const SgdRates& rates,
                           std::vector<float>& velocity, std::vector<float>& weight) {
  pool_.split(static_cast<std::int64_t>(weight.size()), 4096,
              [&](std::int64_t begin, std::int64_t end, int) {
                const auto at = static_cast<std::size_t>(begin);
                const auto count = static_cast<std::size_t>(end - begin);
                sgd_update(gradient.subspan(at, count), rates,
                           std::span(velocity).subspan(at, count),
                           std::span(weight).subspan(at, count));
              });
}

template <class Code>
void IntegerEngine::weight_gradient(const Node& node, std::span<const Code> gradient,
                                    const QuantParams& params, const SgdRates& rates) {
  NodeState& state = state_of(node);
  const QuantTensor& x = input_of(node).output;
  const ConvShape whole = conv_shape(node, batch_);
  std::vector<std::int64_t> dw(state.weight.size());
  std::vector<std::int64_t> db(state.bias.size());
  if (whole.weights() >= kManyWeights) {
    pool_.split(whole.out_c, 1, [&](std::int64_t begin, std::int64_t end, int) {
      conv2d_weight_gradient_part<Code>(whole, {gradient, params.zero_point}, x.codes(),
                                        static_cast<int>(begin), static_cast<int>(end), dw, db);
    });
  } else {
    std::vector<std::vector<std::int64_t>> dws(static_cast<std::size_t>(pool_.threads()));
    auto dbs = dws;
    const std::int64_t in = node.in.elements();
    const std::int64_t out = node.out.elements();
    split_images([&](int begin, int end, int piece) {
      const auto p = static_cast<std::size_t>(piece);
      dws[p].resize(dw.size());
      dbs[p].resize(db.size());
      const auto count = static_cast<std::size_t>(end - begin);
      conv2d_weight_gradient_part<Code>(
          conv_shape(node, end - begin),
          {gradient.subspan(static_cast<std::size_t>(begin * out), count * out), params.zero_point},
          {std::span(x.q).subspan(static_cast<std::size_t>(begin * in), count * in),
           x.params.zero_point},
          0, whole.out_c, dws[p], dbs[p]);
    });
    for (std::size_t p = 0; p < dws.size(); ++p) {
      for (std::size_t i = 0; i < dws[p].size(); ++i) dw[i] += dws[p][i];
      for (std::size_t i = 0; i < dbs[p].size(); ++i) db[i] += dbs[p][i];
    }
  }
  std::vector<float> floats(dw.size());
  gradient_to_float(dw, params.scale * x.params.scale, floats);
  update(floats, rates, state.weight_velocity, state.weight);
  SgdRates plain = rates;
  plain.weight_decay = 0.0F;
  floats.resize(db.size());
  gradient_to_float(db, params.scale, floats);
  update(floats, plain, state.bias_velocity, state.bias);
}

void IntegerEngine::backward_weighted(const Node& node, const WideTensor& dy,
                                      const SgdRates& rates) {
  NodeRun& run = run_of(node);
  const bool need_data_gradient =
      network_.nodes[static_cast<std::size_t>(node.inputs[0])].op != Op::kInput;
  quantise_gradient(node, dy, need_data_gradient);
  if (need_data_gradient) {
    WideTensor dx;
    dx.x.resize(static_cast<std::size_t>(batch_ * node.in.elements()));
    dx.scales = {run.gradient.params.scale * run.weights.params.scale};
    const ConvPlan plan = plan_data_gradient(conv_shape(node, batch_), run.weights.codes());
    const std::int64_t in = node.in.elements();
    const std::int64_t out = node.out.elements();
    split_images([&](int begin, int end, int) {
      const auto count = static_cast<std::size_t>(end - begin);
      conv2d_planned(
          plan, end - begin,
          {std::span(run.gradient.q).subspan(static_cast<std::size_t>(begin * out), count * out),
           run.gradient.params.zero_point},
          {}, {}, std::span(dx.x).subspan(static_cast<std::size_t>(begin * in), count * in));
    });
    contribute(node, 0, std::move(dx));
  }
  if (recipe_.bifurcated)
    weight_gradient<std::uint16_t>(node, run.wide_gradient_q, run.wide_gradient_params, rates);
  else
    weight_gradient<std::uint8_t>(node, run.gradient.q, run.gradient.params, rates);
}

template <class Code>
std::vector<RangeBnSums> IntegerEngine::norm_sums(const Node& node, std::span<const Code> gradient,
                                                  std::int32_t zero_point) {
  const NodeRun& run = run_of(node);
  const QuantTensor& x = input_of(node).output;
  const auto width = static_cast<std::int64_t>(run.stats.size());
  std::vector<std::vector<RangeBnSums>> parts(static_cast<std::size_t>(pool_.threads()));
  pool_.split(static_cast<std::int64_t>(x.q.size()), 64 * width,
              [&](std::int64_t begin, std::int64_t end, int piece) {
                auto& part = parts[static_cast<std::size_t>(piece)];
                part.resize(run.stats.size());
                const auto at = static_cast<std::size_t>(begin);
                const auto count = static_cast<std::size_t>(end - begin);
                range_bn_gradient_sums<Code>(gradient.subspan(at, count), zero_point,
                                             std::span(x.q).subspan(at, count), run.stats, part);
              });
  std::vector<RangeBnSums> sums(run.stats.size());
  for (const auto& part : parts)
    for (std::size_t c = 0; c < part.size(); ++c) {
      sums[c].gradient += part[c].gradient;
      sums[c].product += part[c].product;
    }
  return sums;
}

void IntegerEngine::backward_norm(const Node& node, const WideTensor& dy, const SgdRates& rates) {
  NodeRun& run = run_of(node);
  NodeState& state = state_of(node);
  quantise_gradient(node, dy, true);
  const QuantTensor& x = input_of(node).output;
  const std::size_t width = run.stats.size();
  const auto n = static_cast<std::int64_t>(x.q.size() / width);
  const QuantParams& g = run.gradient.params;
  const std::vector<RangeBnSums> sums = norm_sums<std::uint8_t>(node, run.gradient.q, g.zero_point);

  std::vector<RangeBnBackward> scalars(width);
  WideTensor dx;
  dx.scales.resize(width);
  for (std::size_t c = 0; c < width; ++c) {
    scalars[c] = range_bn_backward_scalars(sums[c], n, run.stats[c].range_sum);
    dx.scales[c] = (((state.weight[c] * run.inverse[c]) / x.params.scale) * g.scale) * 0x1p-8F;
  }
  dx.x.resize(x.q.size());
  pool_.split(n, 64, [&](std::int64_t begin, std::int64_t end, int) {
    const auto at = static_cast<std::size_t>(begin) * width;
    const auto count = static_cast<std::size_t>(end - begin) * width;
    range_bn_backward_rows(std::span(run.gradient.q).subspan(at, count), g.zero_point, run.stats,
                           scalars, std::span(dx.x).subspan(at, count));
  });
  range_bn_backward_extremes(run.chunks, run.stats, run.extremes, scalars, dx.x);

  const QuantParams& fine = recipe_.bifurcated ? run.wide_gradient_params : g;
  const std::vector<RangeBnSums> fine_sums =
      recipe_.bifurcated ? norm_sums<std::uint16_t>(node, run.wide_gradient_q, fine.zero_point)
                         : sums;
  std::vector<float> dgamma(width);
  std::vector<float> dbeta(width);
  for (std::size_t c = 0; c < width; ++c) {
    dbeta[c] = static_cast<float>(fine_sums[c].gradient) * fine.scale;
    dgamma[c] =
        static_cast<float>(fine_sums[c].product) * ((fine.scale * run.inverse[c]) * 0x1p-8F);
  }
  SgdRates plain = rates;
  plain.weight_decay = 0.0F;
  update(dgamma, plain, state.weight_velocity, state.weight);
  update(dbeta, plain, state.bias_velocity, state.bias);
  contribute(node, 0, std::move(dx));
}

void IntegerEngine::backward_pool(const Node& node, const WideTensor& dy) {
  NodeRun& run = run_of(node);
  const std::int64_t in = node.in.elements();
  const std::int64_t out = node.out.elements();
  WideTensor dx;
  dx.x.resize(static_cast<std::size_t>(batch_ * in));
  dx.scales = dy.scales;
  if (node.op == Op::kMaxPool) {
    split_images([&](int begin, int end, int) {
      std::fill(dx.x.begin() + begin * in, dx.x.begin() + end * in, 0);
      for (std::int64_t i = begin * out; i < end * out; ++i)
        dx.x[static_cast<std::size_t>(run.winners[static_cast<std::size_t>(i)])] +=
            dy.x[static_cast<std::size_t>(i)];
    });
  } else {
    for (float& scale : dx.scales)
      scale = scale / static_cast<float>(node.window.kernel_h * node.window.kernel_w);
    split_images([&](int begin, int end, int) {
      const auto count = static_cast<std::size_t>(end - begin);
      avg_pool_backward_ref(
          pool_shape(node, end - begin),
          std::span(dy.x).subspan(static_cast<std::size_t>(begin * out), count * out),
          std::span(dx.x).subspan(static_cast<std::size_t>(begin * in), count * in));
    });
  }
  contribute(node, 0, std::move(dx));
}

}  // namespace octet::model
