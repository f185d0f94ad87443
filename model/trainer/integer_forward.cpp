#include <algorithm>
#include <atomic>

#include "model/ops/add.hpp"
#include "model/ops/pool_fast.hpp"
#include "model/ops/relu.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::model {
namespace {

using workloads::Op;

constexpr float kRunning = 0.1F;  // weight of the newest step in running statistics

void follow(float& running, float value, bool first) {
  running = first ? value : running + kRunning * (value - running);
}

}  // namespace

void IntegerEngine::forward(std::span<const std::uint8_t> images) {
  for (const Node& node : network_.nodes) {
    NodeRun& run = run_of(node);
    switch (node.op) {
      case Op::kInput: {
        run.output.q.assign(images.begin(), images.end());
        const workloads::DatasetSpec& data = network_.dataset;
        run.output.params = {1.0F / (255.0F * data.deviation),
                             static_cast<std::int32_t>(round_half_away(255.0F * data.mean)), 255};
        break;
      }
      case Op::kConv:
      case Op::kFullyConnected:
        forward_weighted(node);
        break;
      case Op::kNorm:
        forward_norm(node);
        break;
      case Op::kRelu: {
        const QuantTensor& x = input_of(node).output;
        run.output.params = x.params;
        run.output.q.resize(x.q.size());
        pool_.split(static_cast<std::int64_t>(x.q.size()), 4096,
                    [&](std::int64_t begin, std::int64_t end, int) {
                      const auto at = static_cast<std::size_t>(begin);
                      const auto count = static_cast<std::size_t>(end - begin);
                      relu_forward(std::span(x.q).subspan(at, count), x.params.zero_point,
                                   std::span(run.output.q).subspan(at, count));
                    });
        break;
      }
      case Op::kMaxPool:
      case Op::kAvgPool:
        forward_pool(node);
        break;
      case Op::kAdd:
        forward_add(node);
        break;
      case Op::kShortcut:
        forward_shortcut(node);
        break;
      case Op::kSoftmaxCrossEntropy:
        break;  // loss()
    }
  }
}

void IntegerEngine::quantise_weights(const Node& node) {
  NodeRun& run = run_of(node);
  const std::vector<float>& weight = state_of(node).weight;
  run.weights.params = choose_quant_params(range_of(weight), recipe_.bits.weight);
  run.weights.q.resize(weight.size());
  pool_.split(static_cast<std::int64_t>(weight.size()), 4096,
              [&](std::int64_t begin, std::int64_t end, int) {
                const auto at = static_cast<std::size_t>(begin);
                const auto count = static_cast<std::size_t>(end - begin);
                quantise_floats(std::span(weight).subspan(at, count), run.weights.params,
                                std::span(run.weights.q).subspan(at, count));
              });
  if (training_ && options_.observer) {
    const auto kind = Quantisation::Tensor::kWeight;
    options_.observer(
        {node.id, state_.step, kind, weight, {}, {}, run.weights.q, {}, run.weights.params});
  }
}

std::vector<std::int32_t> IntegerEngine::quantise_bias(const Node& node) const {
  const auto id = static_cast<std::size_t>(node.id);
  const QuantParams& x = input_of(node).output.params;
  const QuantParams& w = runs_[id].weights.params;
  const float scale = x.scale * w.scale;
  const std::int64_t limit =
      std::int64_t{2147483647} - std::int64_t{node.reduction()} * x.q_max * w.q_max;
  std::vector<std::int32_t> bias;
  for (const float value : state_.nodes[id].bias) {
    const float quotient = saturate(value / scale, -0x1p40F, 0x1p40F);
    bias.push_back(static_cast<std::int32_t>(saturate(round_half_away(quotient), -limit, limit)));
  }
  return bias;
}

void IntegerEngine::forward_weighted(const Node& node) {
  NodeRun& run = run_of(node);
  quantise_weights(node);
  const QuantTensor& x = input_of(node).output;
  const std::vector<std::int32_t> bias = quantise_bias(node);
  WideTensor wide;
  wide.x.resize(static_cast<std::size_t>(batch_ * node.out.elements()));
  wide.scales = {x.params.scale * run.weights.params.scale};
  const ConvPlan plan = plan_forward(conv_shape(node, batch_), run.weights.codes());
  const std::int64_t in = node.in.elements();
  const std::int64_t out = node.out.elements();
  split_images([&](int begin, int end, int) {
    const auto count = static_cast<std::size_t>(end - begin);
    conv2d_planned(plan, end - begin,
                   {std::span(x.q).subspan(static_cast<std::size_t>(begin * in), count * in),
                    x.params.zero_point},
                   bias, {},
                   std::span(wide.x).subspan(static_cast<std::size_t>(begin * out), count * out));
  });
  const bool only_loss =
      node.consumers.size() == 1 &&
      network_.nodes[static_cast<std::size_t>(node.consumers[0])].op == Op::kSoftmaxCrossEntropy;
  if (only_loss)
    run.logits = std::move(wide);
  else
    quantise_output(node, wide);
}

Range IntegerEngine::output_range(const Node& node, const Range& current) {
  NodeState& state = state_of(node);
  if (!training_) return state.running_output;
  Range range = current;
  const bool clipped = node.consumers.size() == 1 &&
                       network_.nodes[static_cast<std::size_t>(node.consumers[0])].op == Op::kRelu;
  if (clipped) range = {std::max(range.low, 0.0F), std::max(range.high, 0.0F)};
  const bool first = state_.step == 0;
  follow(state.running_output.low, range.low, first);
  follow(state.running_output.high, range.high, first);
  // Range BN knows its range before the data: there is nothing to delay.
  if (!recipe_.delayed_ranges || node.op == Op::kNorm) return range;
  const Range used = first ? range : state.delayed_output;
  state.delayed_output = range;
  return used;
}

void IntegerEngine::quantise_output(const Node& node, const WideTensor& wide) {
  NodeRun& run = run_of(node);
  const Range range = output_range(node, training_ ? activation_range(wide) : Range{});
  run.output.params = choose_quant_params(range, recipe_.bits.activation);
  run.output.q.resize(wide.x.size());
  quantise<std::uint8_t>(wide, run.output.params, recipe_.rounding.activation,
                         random_stream(node.id, RandomUse::kActivation), run.output.q);
}

void IntegerEngine::forward_norm(const Node& node) {
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
  pool_.split(run.chunks, 1, [&](std::int64_t begin, std::int64_t end, int piece) {
    auto& part = parts[static_cast<std::size_t>(piece)];
    part.assign(width, {});
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
  pool_.split(static_cast<std::int64_t>(x.q.size()), 16L * node.out.channels,
              [&](std::int64_t begin, std::int64_t end, int) {
                const auto at = static_cast<std::size_t>(begin);
                const auto count = static_cast<std::size_t>(end - begin);
                range_bn_apply(std::span(x.q).subspan(at, count), run.apply,
                               static_cast<std::uint64_t>(begin), run.output.params,
                               recipe_.rounding.activation, random,
                               std::span(run.output.q).subspan(at, count));
              });
}

void IntegerEngine::forward_pool(const Node& node) {
  NodeRun& run = run_of(node);
  const QuantTensor& x = input_of(node).output;
  const std::int64_t in = node.in.elements();
  const std::int64_t out = node.out.elements();
  const auto size = static_cast<std::size_t>(batch_ * out);
  WideTensor wide;
  if (node.op == Op::kMaxPool) {
    run.output.params = x.params;
    run.output.q.resize(size);
    run.winners.resize(size);
  } else {
    wide.x.resize(size);
    wide.scales = {x.params.scale /
                   static_cast<float>(node.window.kernel_h * node.window.kernel_w)};
  }
  split_images([&](int begin, int end, int) {
    const PoolShape shape = pool_shape(node, end - begin);
    const auto from = std::span(x.q).subspan(static_cast<std::size_t>(begin * in),
                                             static_cast<std::size_t>((end - begin) * in));
    const auto at = static_cast<std::size_t>(begin * out);
    const auto count = static_cast<std::size_t>((end - begin) * out);
    if (node.op == Op::kAvgPool) {
      avg_pool_forward_ref(shape, from, x.params.zero_point, std::span(wide.x).subspan(at, count));
      return;
    }
    const auto winners = std::span(run.winners).subspan(at, count);
    max_pool_forward(shape, from, std::span(run.output.q).subspan(at, count), winners);
    for (std::int32_t& winner : winners) winner += static_cast<std::int32_t>(begin * in);
  });
  if (node.op == Op::kAvgPool) quantise_output(node, wide);
}

void IntegerEngine::forward_add(const Node& node) {
  const QuantTensor& a = input_of(node, 0).output;
  const QuantTensor& b = input_of(node, 1).output;
  const AddScales scales = add_scales(largest_magnitude(a.q, a.params.zero_point), a.params.scale,
                                      largest_magnitude(b.q, b.params.zero_point), b.params.scale);
  WideTensor wide;
  wide.x.resize(a.q.size());
  wide.scales = {scales.scale};
  pool_.split(static_cast<std::int64_t>(a.q.size()), 4096,
              [&](std::int64_t begin, std::int64_t end, int) {
                const auto at = static_cast<std::size_t>(begin);
                const auto count = static_cast<std::size_t>(end - begin);
                add_codes_ref(std::span(a.q).subspan(at, count), a.params.zero_point,
                              std::span(b.q).subspan(at, count), b.params.zero_point, scales,
                              std::span(wide.x).subspan(at, count));
              });
  quantise_output(node, wide);
}

}  // namespace octet::model
