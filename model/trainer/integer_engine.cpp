#include "model/trainer/integer_engine.hpp"

#include <algorithm>
#include <chrono>

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

TrainingState& IntegerEngine::state() {
  for (NodeRun& run : runs_) run.weight_range.reset();  // the caller may change them
  return state_;
}

StepResult IntegerEngine::train_step(std::span<const std::uint8_t> images,
                                     std::span<const std::uint16_t> labels, const SgdRates& rates) {
  batch_ = static_cast<int>(labels.size());
  training_ = true;
  saturated_ = dead_channels_ = 0;
  for (NodeRun& run : runs_) run.contributions.clear();
  forward(images);
  StepResult result = loss(labels, true);
  backward(rates);
  ++state_.step;
  check_finite(state_, network_, pool_);
  result.saturated = saturated_;
  result.dead_channels = dead_channels_;
  return result;
}

StepResult IntegerEngine::evaluate(std::span<const std::uint8_t> images,
                                   std::span<const std::uint16_t> labels) {
  batch_ = static_cast<int>(labels.size());
  training_ = false;
  saturated_ = dead_channels_ = 0;
  forward(images);
  return loss(labels, false);
}

StepResult IntegerEngine::loss(std::span<const std::uint16_t> labels, bool gradient) {
  const Node& node = network_.loss();
  const StepTimer timer(options_.clock, node.id, StepPart::kOther);
  const NodeRun& input = input_of(node);
  WideTensor from_codes;
  const WideTensor* logits = &input.logits;
  if (logits->x.empty()) {  // the loss reads 8-bit activations
    for (const std::uint8_t code : input.output.q)
      from_codes.x.push_back(code - input.output.params.zero_point);
    from_codes.scales = {input.output.params.scale};
    logits = &from_codes;
  }
  SharedWide down;
  if (gradient)
    down = make_wide(static_cast<std::int64_t>(logits->x.size()),
                     {1.0F / (static_cast<float>(batch_) * 16777216.0F)});
  const SoftmaxResult sums =
      softmax_xent_ref(logits->x, network_.classes, softmax_factor(logits->scales[0]), labels,
                       down ? std::span<std::int32_t>(down->x) : std::span<std::int32_t>());
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

void IntegerEngine::split_images(const std::function<void(int, int, int)>& body) {
  pool_.split(batch_, 1, [&](std::int64_t begin, std::int64_t end, int piece) {
    body(static_cast<int>(begin), static_cast<int>(end), piece);
  });
}

void IntegerEngine::share_images(const std::function<void(int, int, int)>& body,
                                 const std::function<void(int)>& done) {
  pool_.share(
      batch_, 1, 0,
      [&](std::int64_t begin, std::int64_t end, int piece) {
        body(static_cast<int>(begin), static_cast<int>(end), piece);
      },
      done);
}

void widen(std::optional<Extremes>& found, const Extremes& part) {
  found = found ? Extremes{std::min(found->low, part.low), std::max(found->high, part.high)} : part;
}

Extremes join(std::span<const std::optional<Extremes>> parts) {
  Extremes all = kNoValues;
  for (const std::optional<Extremes>& part : parts)
    if (part) all = {std::min(all.low, part->low), std::max(all.high, part->high)};
  return all;
}

Range join(std::span<const Range> parts) {
  Range all = kNoWeights;
  for (const Range& part : parts)
    all = {std::min(all.low, part.low), std::max(all.high, part.high)};
  return all;
}

AddJob add_job(const AddScales& scales, std::int64_t count, std::int32_t* out, Extremes& extremes) {
  return {static_cast<std::size_t>(count),
          {scales.a.mantissa, scales.a.exponent},
          {scales.b.mantissa, scales.b.exponent},
          INT32_MAX,
          INT32_MAX,
          nullptr,
          0,
          out,
          &extremes.low,
          &extremes.high};
}

namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

StepTimer::StepTimer(StepClock* clock, int node, StepPart part)
    : clock_(clock), node_(node), part_(part) {
  if (clock_ != nullptr) start_ = now();
}

StepTimer::~StepTimer() {
  if (clock_ != nullptr) clock_->add(node_, part_, 1e-9 * static_cast<double>(now() - start_));
}

std::unique_ptr<Engine> make_integer_engine(const workloads::Network& network, const Recipe& recipe,
                                            const EngineOptions& options) {
  return std::make_unique<IntegerEngine>(network, recipe, options);
}

}  // namespace octet::model
