#include <algorithm>

#include "model/kernels/kernels.hpp"
#include "model/ops/add.hpp"
#include "model/ops/pool_fast.hpp"
#include "model/trainer/integer_engine.hpp"

namespace octet::model {
namespace {

using workloads::Op;

std::int32_t magnitude(const Extremes& extremes) {
  return std::max(extremes.low < 0 ? -extremes.low : extremes.low,
                  extremes.high < 0 ? -extremes.high : extremes.high);
}

}  // namespace

void IntegerEngine::backward(const SgdRates& rates) {
  for (auto node = network_.nodes.rbegin(); node != network_.nodes.rend(); ++node) {
    switch (node->op) {
      case Op::kConv:
      case Op::kFullyConnected:
        backward_weighted(*node, rates);
        break;
      case Op::kNorm: {
        SharedWide dy = collect_gradient(*node).wide;
        if (recipe_.norm == Recipe::Norm::kNone)
          contribute(*node, 0, std::move(dy));
        else
          backward_norm(*node, *dy, rates);
        break;
      }
      case Op::kRelu:
        backward_relu(*node);
        break;
      case Op::kMaxPool:
      case Op::kAvgPool:
        backward_pool(*node, *collect_gradient(*node).wide);
        break;
      case Op::kAdd: {
        SharedWide dy = collect_gradient(*node).wide;
        contribute(*node, 1, dy);
        contribute(*node, 0, std::move(dy));
        break;
      }
      case Op::kShortcut:
        backward_shortcut(*node, *collect_gradient(*node).wide);
        break;
      case Op::kInput:
      case Op::kSoftmaxCrossEntropy:
        break;
    }
  }
}

void IntegerEngine::contribute(const Node& from, int input, SharedWide gradient, bool masked) {
  input_of(from, input).contributions.push_back({from.id, std::move(gradient), masked});
}

void IntegerEngine::unify(SharedWide& wide) {
  if (wide->scales.size() == 1) return;
  const std::size_t channels = wide->scales.size();
  std::vector<std::int32_t> low(channels), high(channels), most(channels);
  std::copy_n(wide->x.begin(), channels, low.begin());
  high = low;
  kernels().channel_extremes(wide->x.data(), wide->x.size() / channels, channels, low.data(),
                             high.data());
  for (std::size_t c = 0; c < channels; ++c) most[c] = magnitude({low[c], high[c]});
  const UnifyScales scales = unify_scales(most, wide->scales);
  SharedWide one = make_wide(static_cast<std::int64_t>(wide->x.size()), {scales.scale});
  const auto width = static_cast<std::int64_t>(channels);
  pool_.split(static_cast<std::int64_t>(wide->x.size()) / width, 64,
              [&](std::int64_t begin, std::int64_t end, int) {
                const auto at = static_cast<std::size_t>(begin * width);
                const auto count = static_cast<std::size_t>((end - begin) * width);
                unify_wide_ref(std::span(wide->x).subspan(at, count), scales,
                               std::span(one->x).subspan(at, count));
              });
  wide = std::move(one);
}

Contribution IntegerEngine::collect_gradient(const Node& node) {
  const StepTimer timer(options_.clock, node.id, StepPart::kAdd);
  std::vector<Contribution> parts = std::move(run_of(node).contributions);
  run_of(node).contributions.clear();
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.from < b.from; });
  Contribution sum = std::move(parts.front());
  for (std::size_t i = 1; i < parts.size(); ++i) {
    unify(sum.wide);
    unify(parts[i].wide);
    WideTensor& a = *sum.wide;
    WideTensor& b = *parts[i].wide;
    const std::int32_t largest_a = magnitude(extremes(a));
    const std::int32_t largest_b = magnitude(extremes(b));
    const AddScales scales = add_scales(largest_a, a.scales[0], largest_b, b.scales[0]);
    const auto size = static_cast<std::int64_t>(a.x.size());
    // In the place of one that nobody else holds.
    SharedWide out = sum.wide.use_count() == 1        ? sum.wide
                     : parts[i].wide.use_count() == 1 ? parts[i].wide
                                                      : make_wide(size, {});
    const bool mask = node.op == Op::kRelu && i + 1 == parts.size();
    const QuantTensor& y = run_of(node).output;
    std::vector<std::optional<Extremes>> found(static_cast<std::size_t>(pool_.threads()));
    pool_.share(size, 1024, 0, [&](std::int64_t begin, std::int64_t end, int piece) {
      Extremes part = kNoValues;
      for_blocks(begin, end, kWideBlock, [&](std::int64_t first, std::int64_t last) {
        AddJob job = add_job(scales, last - first, out->x.data() + first, part);
        job.largest_a = largest_a;
        job.largest_b = largest_b;
        if (mask) {
          job.mask = y.q.data() + first;
          job.mask_zero = y.params.zero_point;
        }
        kernels().add_wide(job, a.x.data() + first, b.x.data() + first);
      });
      widen(found[static_cast<std::size_t>(piece)], part);
    });
    out->scales = {scales.scale};
    out->extremes = join(found);
    sum = {sum.from, std::move(out), mask};
  }
  return sum;
}

void IntegerEngine::backward_relu(const Node& node) {
  Contribution dy = collect_gradient(node);
  if (!dy.masked) {
    const StepTimer timer(options_.clock, node.id, StepPart::kOther);
    const QuantTensor& y = run_of(node).output;
    const auto size = static_cast<std::int64_t>(dy.wide->x.size());
    // In place, unless another node holds the same gradient.
    SharedWide out = dy.wide.use_count() == 1 ? dy.wide : make_wide(size, dy.wide->scales);
    pool_.split(size, 4096, [&](std::int64_t begin, std::int64_t end, int) {
      kernels().relu_backward(dy.wide->x.data() + begin, y.q.data() + begin, y.params.zero_point,
                              static_cast<std::size_t>(end - begin), out->x.data() + begin);
    });
    out->extremes.reset();
    dy.wide = std::move(out);
  }
  contribute(node, 0, std::move(dy.wide));
}

void IntegerEngine::update(std::span<const float> gradient, const SgdRates& rates,
                           Buffer<float>& velocity, Buffer<float>& weight) {
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
  const QuantTensor& x = input_of(node).output;
  if (node.op == Op::kFullyConnected)
    return weight_step_fc<Code>(node, {gradient, params.zero_point}, params.scale, rates);
  std::optional<StepTimer> timer(std::in_place, options_.clock, node.id, StepPart::kWeightGradient);
  NodeState& state = state_of(node);
  const NodeRun& run = run_of(node);
  const ConvShape whole = conv_shape(node, batch_);
  // One set of sums a thread where the images are shared out, one for all where the channels are.
  sums_.resize(static_cast<std::size_t>(pool_.threads()));
  for (WeightSums& sums : sums_) sums.used = false;
  if (whole.weights() >= kManyWeights) {
    sums_[0].take(state);
    pool_.split(whole.out_c, 1, [&](std::int64_t begin, std::int64_t end, int) {
      conv2d_weight_gradient_part<Code>(whole, {gradient, params.zero_point}, x.codes(),
                                        static_cast<int>(begin), static_cast<int>(end),
                                        sums_[0].weight, sums_[0].bias);
    });
  } else {
    const std::int64_t in = node.in.elements();
    const std::int64_t out = node.out.elements();
    std::vector<std::optional<WeightGradientSum<Code>>> parts(sums_.size());
    share_images(
        [&](int begin, int end, int piece) {
          const auto at = static_cast<std::size_t>(piece);
          WeightSums& sums = sums_[at];
          if (!parts[at]) {
            sums.take(state);
            parts[at].emplace(whole, params.zero_point, x.params.zero_point, sums.scratch,
                              sums.weight, sums.bias);
          }
          if constexpr (sizeof(Code) == 2)
            if (run.fine) return add_fine_codes(node, *parts[at], begin, end, sums.codes);
          parts[at]->add(end - begin, images_of(gradient, begin, end, out),
                         images_of(std::span<const std::uint8_t>(x.q), begin, end, in));
        },
        [&](int piece) {
          if (auto& part = parts[static_cast<std::size_t>(piece)]) part->finish();
        });
  }
  timer.emplace(options_.clock, node.id, StepPart::kUpdate);
  SgdRates plain = rates;
  plain.weight_decay = 0.0F;
  std::vector<Range> ranges(static_cast<std::size_t>(pool_.threads()), kNoWeights);
  pool_.split(static_cast<std::int64_t>(state.weight.size()), 2048,
              [&](std::int64_t begin, std::int64_t end, int piece) {
                ranges[static_cast<std::size_t>(piece)] =
                    join_and_update(&WeightSums::weight, params.scale * x.params.scale, rates,
                                    begin, end, state.weight_velocity, state.weight);
              });
  run_of(node).weight_range = join(ranges);
  join_and_update(&WeightSums::bias, params.scale, plain, 0,
                  static_cast<std::int64_t>(state.bias.size()), state.bias_velocity, state.bias);
}

void IntegerEngine::add_fine_codes(const Node& node, WeightGradientSum<std::uint16_t>& sum,
                                   int begin, int end, Buffer<std::uint16_t>& codes) {
  NodeRun& run = run_of(node);
  const std::span<const std::uint8_t> x = input_of(node).output.q;
  const std::int64_t pixels = std::int64_t{node.out.height} * node.out.width;
  codes.resize(static_cast<std::size_t>(node.out.elements()));
  for (int image = begin; image < end; ++image) {
    run.fine->rows(*run.norm_gradient, image * pixels, (image + 1) * pixels, codes.data());
    sum.add(1, codes, images_of(x, image, image + 1, node.in.elements()), end - image - 1);
  }
}

Range IntegerEngine::join_and_update(Buffer<std::int64_t> WeightSums::*which, float scale,
                                     const SgdRates& rates, std::int64_t begin, std::int64_t end,
                                     Buffer<float>& velocity, Buffer<float>& weight) {
  constexpr std::int64_t kBlock = 1024;
  std::int64_t sums[kBlock];
  float floats[kBlock];
  Range range = kNoWeights;
  for_blocks(begin, end, kBlock, [&](std::int64_t first, std::int64_t last) {
    const auto at = static_cast<std::size_t>(first);
    const auto count = static_cast<std::size_t>(last - first);
    std::fill_n(sums, count, 0);
    for (const WeightSums& part : sums_)
      if (part.used)
        for (std::size_t i = 0; i < count; ++i) sums[i] += (part.*which)[at + i];
    kernels().wide_sums_to_floats(sums, count, scale, floats);
    sgd_update_fast({floats, count}, rates, std::span(velocity).subspan(at, count),
                    std::span(weight).subspan(at, count), range);
  });
  return range;
}

void IntegerEngine::backward_weighted(const Node& node, const SgdRates& rates) {
  NodeRun& run = run_of(node);
  const Node& from = node_of(node.inputs[0]);
  const bool need_data_gradient = needs_data_gradient(node);
  {
    const StepTimer timer(options_.clock, node.id, StepPart::kQuantise);
    if (run.norm_gradient) {
      quantise_gradient(node, *run.norm_gradient, need_data_gradient);
      if (!run.fine) release_norm_gradient(node);
    } else {
      quantise_gradient(node, *collect_gradient(node).wide, need_data_gradient);
    }
  }
  if (need_data_gradient) {
    const StepTimer timer(options_.clock, node.id, StepPart::kDataGradient);
    SharedWide dx = make_wide(batch_ * node.in.elements(),
                              {run.gradient.params.scale * run.weights.params.scale});
    // A ReLU that nothing else reads has its backward pass done on the way.
    const bool masked = from.op == Op::kRelu && from.consumers.size() == 1;
    const QuantTensor& y = run_of(from).output;
    ConvMask mask;
    if (masked) mask = {y.q, y.params.zero_point};
    if (node.op == Op::kFullyConnected) {
      dx->extremes = data_gradient_fc(node, mask, dx->x);
    } else {
      if (!run.prepared)
        run.gradient_plan = plan_data_gradient(conv_shape(node, batch_), run.weights.codes());
      const ConvPlan& plan = run.gradient_plan;
      std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
      share_images([&](int begin, int end, int piece) {
        ConvMask part = mask;
        if (masked) part.codes = images_of(mask.codes, begin, end, node.in.elements());
        widen(
            parts[static_cast<std::size_t>(piece)],
            conv2d_planned(plan, end - begin,
                           {images_of(std::span<const std::uint8_t>(run.gradient.q), begin, end,
                                      node.out.elements()),
                            run.gradient.params.zero_point},
                           {}, part, images_of(std::span(dx->x), begin, end, node.in.elements())));
      });
      dx->extremes = join(parts);
    }
    contribute(node, 0, std::move(dx), masked);
  }
  if (recipe_.bifurcated)
    weight_gradient<std::uint16_t>(node, run.wide_gradient_q, run.wide_gradient_params, rates);
  else
    weight_gradient<std::uint8_t>(node, run.gradient.q, run.gradient.params, rates);
  if (run.fine) release_norm_gradient(node);
  release_gradients(node);
}

void IntegerEngine::release_norm_gradient(const Node& node) {
  NodeRun& run = run_of(node);
  run.fine.reset();
  run.norm_gradient.reset();
  release_gradients(node_of(node.consumers[0]));
}

void IntegerEngine::backward_pool(const Node& node, const WideTensor& dy) {
  NodeRun& run = run_of(node);
  const std::int64_t in = node.in.elements();
  const std::int64_t out = node.out.elements();
  const StepTimer timer(options_.clock, node.id, StepPart::kDataGradient);
  SharedWide dx = make_wide(batch_ * in, dy.scales);
  bool masked = false;
  if (node.op == Op::kMaxPool) {
    // As in backward_weighted(): the pooled code is the winner's.
    const Node& from = node_of(node.inputs[0]);
    masked = from.op == Op::kRelu && from.consumers.size() == 1;
    std::vector<std::optional<Extremes>> parts(static_cast<std::size_t>(pool_.threads()));
    split_images([&](int begin, int end, int piece) {
      ConvMask mask;
      if (masked)
        mask = {images_of(std::span<const std::uint8_t>(run.output.q), begin, end, out),
                run.output.params.zero_point};
      parts[static_cast<std::size_t>(piece)] =
          max_pool_backward(pool_shape(node, end - begin),
                            images_of(std::span<const std::int32_t>(dy.x), begin, end, out),
                            images_of(std::span<const std::uint16_t>(run.winners), begin, end, out),
                            mask, images_of(std::span(dx->x), begin, end, in));
    });
    if (dx->scales.size() == 1 && parts.front()) dx->extremes = join(parts);
  } else {
    for (float& scale : dx->scales)
      scale = scale / static_cast<float>(node.window.kernel_h * node.window.kernel_w);
    share_images([&](int begin, int end, int) {
      const auto count = static_cast<std::size_t>(end - begin);
      avg_pool_backward(pool_shape(node, end - begin),
                        std::span(dy.x).subspan(static_cast<std::size_t>(begin * out), count * out),
                        std::span(dx->x).subspan(static_cast<std::size_t>(begin * in), count * in));
    });
  }
  contribute(node, 0, std::move(dx), masked);
}

}  // namespace octet::model
