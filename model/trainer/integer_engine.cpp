#include "model/trainer/integer_engine.hpp"

#include <algorithm>
#include <atomic>

#include "model/kernels/kernels.hpp"
#include "model/ops/softmax_xent.hpp"
#include "model/trainer/widths.hpp"

namespace octet::model {

using workloads::Op;

IntegerEngine::IntegerEngine(const workloads::Network& network, const Recipe& recipe,
                             const EngineOptions& options)
    : network_(network),
      recipe_(recipe),
      options_(options),
      pool_(options.threads),
      state_(initial_state(network, options.seed)),
      runs_(network.nodes.size()) {
  check_widths(network, recipe, options.batch);
}

StepResult IntegerEngine::train_step(std::span<const std::uint8_t> images,
                                     std::span<const std::uint8_t> labels, const SgdRates& rates) {
  batch_ = static_cast<int>(labels.size());
  training_ = true;
  saturated_ = dead_channels_ = 0;
  for (NodeRun& run : runs_) run.contributions.clear();
  forward(images);
  StepResult result = loss(labels, true);
  backward(rates);
  ++state_.step;
  result.saturated = saturated_;
  result.dead_channels = dead_channels_;
  return result;
}

StepResult IntegerEngine::evaluate(std::span<const std::uint8_t> images,
                                   std::span<const std::uint8_t> labels) {
  batch_ = static_cast<int>(labels.size());
  training_ = false;
  saturated_ = dead_channels_ = 0;
  forward(images);
  return loss(labels, false);
}

StepResult IntegerEngine::loss(std::span<const std::uint8_t> labels, bool gradient) {
  const Node& node = network_.loss();
  const NodeRun& input = input_of(node);
  WideTensor from_codes;
  const WideTensor* logits = &input.logits;
  if (logits->x.empty()) {  // the loss reads 8-bit activations
    for (const std::uint8_t code : input.output.q)
      from_codes.x.push_back(code - input.output.params.zero_point);
    from_codes.scales = {input.output.params.scale};
    logits = &from_codes;
  }
  WideTensor down;
  if (gradient) {
    down.x.resize(logits->x.size());
    down.scales = {1.0F / (static_cast<float>(batch_) * 16777216.0F)};
  }
  const SoftmaxResult sums = softmax_xent_ref(logits->x, network_.classes,
                                              softmax_factor(logits->scales[0]), labels, down.x);
  if (gradient) contribute(node, 0, std::move(down));
  StepResult result;
  result.loss_sum = nats(sums.loss_q16_log2);
  result.correct = sums.correct;
  return result;
}

ConvShape IntegerEngine::conv_shape(const Node& node, int batch) const {
  ConvShape shape;
  shape.batch = batch;
  shape.out_c = node.out.channels;
  if (node.op == Op::kFullyConnected) {
    shape.in_c = static_cast<int>(node.in.elements());
    return shape;
  }
  shape.in_h = node.in.height;
  shape.in_w = node.in.width;
  shape.in_c = node.in.channels;
  shape.out_h = node.out.height;
  shape.out_w = node.out.width;
  const workloads::Window& w = node.window;
  shape.kernel_h = w.kernel_h;
  shape.kernel_w = w.kernel_w;
  shape.stride_h = w.stride_h;
  shape.stride_w = w.stride_w;
  shape.pad_h = w.pad_h;
  shape.pad_w = w.pad_w;
  shape.dilation_h = w.dilation_h;
  shape.dilation_w = w.dilation_w;
  shape.groups = w.groups;
  return shape;
}

PoolShape IntegerEngine::pool_shape(const Node& node, int batch) const {
  const workloads::Window& w = node.window;
  return {batch,           node.in.height, node.in.width, node.in.channels,
          node.out.height, node.out.width, w.kernel_h,    w.kernel_w,
          w.stride_h,      w.stride_w,     w.pad_h,       w.pad_w};
}

void IntegerEngine::contribute(const Node& from, int input, WideTensor gradient) {
  runs_[static_cast<std::size_t>(from.inputs[static_cast<std::size_t>(input)])]
      .contributions.emplace_back(from.id, std::move(gradient));
}

void IntegerEngine::split_images(const std::function<void(int, int, int)>& body) {
  pool_.split(batch_, 1, [&](std::int64_t begin, std::int64_t end, int piece) {
    body(static_cast<int>(begin), static_cast<int>(end), piece);
  });
}

Range IntegerEngine::wide_range(const WideTensor& wide) {
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
  Range range;
  bool first = true;
  for (std::size_t piece = 0; piece < lows.size(); ++piece)
    for (std::size_t c = 0; c < lows[piece].size(); ++c) {
      const Range part = real_range({lows[piece][c], highs[piece][c]}, wide.scales[c]);
      range = first ? part : Range{std::min(range.low, part.low), std::max(range.high, part.high)};
      first = false;
    }
  return range;
}

template <class Code>
void IntegerEngine::quantise(const WideTensor& wide, const QuantParams& params, Rounding rounding,
                             std::uint32_t stream, std::span<Code> out) {
  std::vector<Multiplier> factors;
  for (const float scale : wide.scales) factors.push_back(requantise_multiplier(scale, params));
  const QuantiseJob job{params, factors, rounding, {state_.seed, state_.step, stream}};
  const auto channels = static_cast<std::int64_t>(factors.size());
  std::atomic<std::int64_t> saturated = 0;
  pool_.split(static_cast<std::int64_t>(wide.x.size()), 64 * channels,
              [&](std::int64_t begin, std::int64_t end, int) {
                const auto at = static_cast<std::size_t>(begin);
                const auto count = static_cast<std::size_t>(end - begin);
                saturated += quantise_wide<Code>(std::span(wide.x).subspan(at, count),
                                                 static_cast<std::uint64_t>(begin), job,
                                                 out.subspan(at, count));
              });
  // A current range holds every value; its ends can still round past a code by the nudge of the
  // zero point, which is no overflow.
  if (recipe_.delayed_ranges) saturated_ += saturated;
}

template void IntegerEngine::quantise<std::uint8_t>(const WideTensor&, const QuantParams&, Rounding,
                                                    std::uint32_t, std::span<std::uint8_t>);
template void IntegerEngine::quantise<std::uint16_t>(const WideTensor&, const QuantParams&,
                                                     Rounding, std::uint32_t,
                                                     std::span<std::uint16_t>);

std::unique_ptr<Engine> make_integer_engine(const workloads::Network& network, const Recipe& recipe,
                                            const EngineOptions& options) {
  return std::make_unique<IntegerEngine>(network, recipe, options);
}

}  // namespace octet::model
