#include <algorithm>
#include <atomic>
#include <cstdlib>

#include "model/kernels/kernels.hpp"
#include "model/ops/add.hpp"
#include "model/ops/pool_fast.hpp"
#include "model/ops/relu.hpp"
#include "model/trainer/integer_engine.hpp"
#include "model/trainer/running.hpp"

namespace octet::model {
namespace {

constexpr std::int64_t kAddBlock = 4096;  // sums that stay in the first-level cache

}  // namespace

using workloads::Op;

void IntegerEngine::forward(std::span<const std::uint8_t> images) {
  // Codes that a ReLU took over go back to where the next step writes them.
  for (const Node& node : network_.nodes)
    if (NodeRun& run = run_of(node); run.handed_on) {
      std::swap(run.output.q, runs_[static_cast<std::size_t>(node.consumers[0])].output.q);
      run.handed_on = false;
    }
  prepare_weights();
  for (const Node& node : network_.nodes) {
    NodeRun& run = run_of(node);
    switch (node.op) {
      case Op::kInput: {
        const StepTimer timer(options_.clock, node.id, StepPart::kOther);
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
      case Op::kRelu:
        forward_relu(node);
        break;
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

void IntegerEngine::forward_relu(const Node& node) {
  const StepTimer timer(options_.clock, node.id, StepPart::kOther);
  NodeRun& run = run_of(node);
  NodeRun& input = input_of(node);
  const QuantTensor& x = input.output;
  run.output.params = x.params;
  // No code lies below a zero point of 0: the tensor is its own ReLU. A ReLU and a pool before it
  // read their own outputs again in the backward pass.
  const Node& from = node_of(node.inputs[0]);
  if (x.params.zero_point == 0 && from.consumers.size() == 1 && from.op != Op::kRelu &&
      from.op != Op::kMaxPool && !keeps_tensors()) {
    std::swap(run.output.q, input.output.q);
    input.handed_on = true;
    return;
  }
  run.output.q.resize(x.q.size());
  pool_.split(static_cast<std::int64_t>(x.q.size()), 4096,
              [&](std::int64_t begin, std::int64_t end, int) {
                const auto at = static_cast<std::size_t>(begin);
                const auto count = static_cast<std::size_t>(end - begin);
                relu_forward(std::span(x.q).subspan(at, count), x.params.zero_point,
                             std::span(run.output.q).subspan(at, count));
              });
}

std::vector<std::int32_t> IntegerEngine::quantise_bias(const Node& node) {
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
  take_weights(node);
  const QuantTensor& x = input_of(node).output;
  SharedWide wide =
      make_wide(batch_ * node.out.elements(), {x.params.scale * run.weights.params.scale});
  {
    const StepTimer timer(options_.clock, node.id, StepPart::kForward);
    const std::vector<std::int32_t> bias = quantise_bias(node);
    if (node.op == Op::kFullyConnected) {
      wide->extremes = forward_fc(node, bias, wide->x);
    } else {
      if (!run.prepared)
        run.forward_plan = plan_forward(conv_shape(node, batch_), run.weights.codes());
      const ConvPlan& plan = run.forward_plan;
      std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
      share_images([&](int begin, int end, int piece) {
        widen(parts[static_cast<std::size_t>(piece)],
              conv2d_planned(
                  plan, end - begin,
                  {images_of(std::span(x.q), begin, end, node.in.elements()), x.params.zero_point},
                  bias, {}, images_of(std::span(wide->x), begin, end, node.out.elements())));
      });
      wide->extremes = join(parts);
    }
  }
  if (feeds_only(node, Op::kSoftmaxCrossEntropy))
    run.logits = *wide;
  else
    quantise_output(node, *wide);
}

Range IntegerEngine::output_range(const Node& node, const Range& current) {
  NodeState& state = state_of(node);
  if (!training_) return state.running_output;
  Range range = current;
  const bool clipped = feeds_only(node, Op::kRelu);
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
  const StepTimer timer(options_.clock, node.id, StepPart::kQuantise);
  const Range range = output_range(node, training_ ? activation_range(wide) : Range{});
  run_of(node).output.params = choose_quant_params(range, recipe_.bits.activation);
  quantise_activations(node, wide);
}

void IntegerEngine::forward_pool(const Node& node) {
  NodeRun& run = run_of(node);
  const QuantTensor& x = input_of(node).output;
  const std::int64_t in = node.in.elements();
  const std::int64_t out = node.out.elements();
  if (node.op == Op::kMaxPool) {
    const StepTimer timer(options_.clock, node.id, StepPart::kForward);
    run.output.params = x.params;
    run.output.q.resize(static_cast<std::size_t>(batch_ * out));
    run.winners.resize(run.output.q.size());
    share_images([&](int begin, int end, int) {
      max_pool_forward(pool_shape(node, end - begin), images_of(std::span(x.q), begin, end, in),
                       images_of(std::span(run.output.q), begin, end, out),
                       images_of(std::span(run.winners), begin, end, out));
    });
    return;
  }
  SharedWide wide =
      make_wide(batch_ * out,
                {x.params.scale / static_cast<float>(node.window.kernel_h * node.window.kernel_w)});
  {
    const StepTimer timer(options_.clock, node.id, StepPart::kForward);
    share_images([&](int begin, int end, int) {
      avg_pool_forward(pool_shape(node, end - begin), images_of(std::span(x.q), begin, end, in),
                       x.params.zero_point, images_of(std::span(wide->x), begin, end, out));
    });
  }
  quantise_output(node, *wide);
}

// Sums that nobody is to see whole are made twice, for their range and for their codes, since that
// takes less time than to write and read them.
void IntegerEngine::add_in_pieces(const Node& node, const AddScales& scales) {
  const QuantTensor& a = input_of(node, 0).output;
  const QuantTensor& b = input_of(node, 1).output;
  NodeRun& run = run_of(node);
  run.output.q.resize(a.q.size());
  const auto size = static_cast<std::int64_t>(a.q.size());
  // each(first element, sums) for all pieces; the extremes of all.
  const auto add = [&](const auto& each) {
    std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
    pool_.share(size, kAddBlock / 4, 0, [&](std::int64_t begin, std::int64_t end, int piece) {
      Extremes part = kNoValues;
      std::int32_t sums[kAddBlock];
      for_blocks(begin, end, kAddBlock, [&](std::int64_t first, std::int64_t last) {
        kernels().add_codes(add_job(scales, last - first, sums, part), a.q.data() + first,
                            a.params.zero_point, b.q.data() + first, b.params.zero_point);
        each(first, std::span<const std::int32_t>(sums, static_cast<std::size_t>(last - first)));
      });
      widen(parts[static_cast<std::size_t>(piece)], part);
    });
    return join(parts);
  };
  Range current;
  Extremes extremes;
  {
    const StepTimer timer(options_.clock, node.id, StepPart::kAdd);
    if (training_) {
      extremes = add([](std::int64_t, std::span<const std::int32_t>) {});
      current = real_range(extremes, scales.scale);
    }
  }
  const StepTimer timer(options_.clock, node.id, StepPart::kQuantise);
  run.output.params = choose_quant_params(output_range(node, current), recipe_.bits.activation);
  const bool in_range =
      holds_all(node, training_ ? std::optional(extremes) : std::nullopt, scales.scale);
  const WideQuantiser codes = wide_quantiser(
      std::span(&scales.scale, 1), run.output.params, recipe_.rounding.activation,
      {state_.seed, state_.step, random_stream(node.id, RandomUse::kActivation)}, in_range);
  std::atomic<std::int64_t> saturated = 0;
  add([&](std::int64_t first, std::span<const std::int32_t> sums) {
    saturated += codes.run<std::uint8_t>(sums, static_cast<std::uint64_t>(first),
                                         {run.output.q.data() + first, sums.size()});
  });
  if (!in_range) saturated_ += saturated;
}

void IntegerEngine::forward_add(const Node& node) {
  const QuantTensor& a = input_of(node, 0).output;
  const QuantTensor& b = input_of(node, 1).output;
  AddScales scales;
  {
    const StepTimer timer(options_.clock, node.id, StepPart::kAdd);
    scales = add_scales(largest(a), a.params.scale, largest(b), b.params.scale);
  }
  if (!keeps_tensors() && !recipe_.sample_mean_extremes) return add_in_pieces(node, scales);
  SharedWide wide = make_wide(static_cast<std::int64_t>(a.q.size()), {scales.scale});
  {
    const StepTimer timer(options_.clock, node.id, StepPart::kAdd);
    std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
    pool_.split(static_cast<std::int64_t>(a.q.size()), 4096,
                [&](std::int64_t begin, std::int64_t end, int piece) {
                  Extremes part = kNoValues;
                  kernels().add_codes(add_job(scales, end - begin, wide->x.data() + begin, part),
                                      a.q.data() + begin, a.params.zero_point, b.q.data() + begin,
                                      b.params.zero_point);
                  parts[static_cast<std::size_t>(piece)] = part;
                });
    wide->extremes = join(parts);
  }
  quantise_output(node, *wide);
}

std::int32_t IntegerEngine::largest(const QuantTensor& x) {
  std::vector<std::int32_t> parts(static_cast<std::size_t>(pool_.threads()));
  pool_.split(static_cast<std::int64_t>(x.q.size()), 4096,
              [&](std::int64_t begin, std::int64_t end, int piece) {
                std::int32_t low = 0, high = 0;
                kernels().byte_extremes(x.q.data() + begin, static_cast<std::size_t>(end - begin),
                                        &low, &high);
                parts[static_cast<std::size_t>(piece)] = std::max(
                    std::abs(low - x.params.zero_point), std::abs(high - x.params.zero_point));
              });
  return *std::max_element(parts.begin(), parts.end());
}

}  // namespace octet::model
