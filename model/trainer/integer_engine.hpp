#pragma once
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "common/buffer.hpp"
#include "common/thread_pool.hpp"
#include "model/kernels/kernels.hpp"
#include "model/ops/add.hpp"
#include "model/ops/conv2d_fast.hpp"
#include "model/ops/fully_connected.hpp"
#include "model/ops/pool.hpp"
#include "model/ops/range_bn_fast.hpp"
#include "model/quant/affine_codes.hpp"
#include "model/trainer/buffer_pool.hpp"
#include "model/trainer/engine.hpp"

namespace octet::model {

// Signed 32-bit integers with one real scale, or one a channel (element index modulo the count).
struct WideTensor {
  Buffer<std::int32_t> x;
  std::vector<float> scales;
  std::optional<Extremes> extremes;  // of x, where the pass that made it took them
};
using SharedWide = std::shared_ptr<WideTensor>;

struct QuantTensor {
  Buffer<std::uint8_t> q;
  QuantParams params;
  [[nodiscard]] Codes<std::uint8_t> codes() const { return {q, params.zero_point}; }
};

// Layers of so many weights and more are shared out by channels instead of images.
inline constexpr std::int64_t kManyWeights = 200'000;

// The start of extremes that are widened value by value.
inline constexpr Extremes kNoValues{INT32_MAX, INT32_MIN};

struct NodeRun;

// The input gradient of a Range BN, made row by row from the 8-bit gradient of its output.
struct NormGradient {
  const NodeRun* norm = nullptr;
  std::vector<std::int32_t> gain, offset;  // e = gain g - offset away from the extremes
  std::vector<RangeBnBackward> scalars;
  std::vector<float> scales;
  std::vector<std::uint8_t> lowest, highest;  // of a channel's 8-bit codes
  // Rows [first, last) of e [rows][channels].
  void rows(std::int64_t first, std::int64_t last, std::int32_t* e) const;
  // body(row, channel, e) for those of the rows [first, last) where x has an extreme.
  template <class Body>
  void at_extremes(std::int64_t first, std::int64_t last, Body body) const;
  // Of a channel's e, from the extremes of its 8-bit codes.
  [[nodiscard]] Extremes extremes(std::size_t channel, const Extremes& codes) const;
};

// How the 16-bit copy of a NormGradient is made from the same 8-bit codes, where the weight
// gradient makes it image by image: written and read again it would go through the shared cache.
struct FineCodes {
  AffineFactors factors;     // away from the extremes
  WideQuantiser at_extreme;  // there
  std::int32_t q_max;
  // Rows [first, last) of codes [rows][channels].
  void rows(const NormGradient& gradient, std::int64_t first, std::int64_t last,
            std::uint16_t* codes) const;
};

// A gradient that a consumer hands to the output of a node.
struct Contribution {
  int from = 0;
  SharedWide wide;
  bool masked = false;  // the node is a ReLU and its backward pass is already in
};

// What one node holds during a step. Outputs, weights and Range BN's scalars stay until the next
// step; gradients only where EngineOptions::keep_gradients, for tests and captures.
struct NodeRun {
  QuantTensor output;      // activations, 8 bits; handed on where only a ReLU reads them
  bool handed_on = false;  // output.q lies with the ReLU that follows
  WideTensor logits;       // of the node that feeds the loss
  QuantTensor weights;
  std::optional<Range> weight_range;  // of the master weights, taken when they were last updated
  ConvPlan forward_plan, gradient_plan;
  bool prepared = false;          // codes and plans of this step's weights are there
  Buffer<std::uint16_t> winners;  // max pooling
  int chunks = 0;                 // norm, from here on
  std::vector<RangeBnStats> stats;
  RangeBnExtremes extremes;
  std::vector<float> inverse;  // i_c
  std::vector<float> gain;     // a_c
  std::vector<RangeBnApply> apply;
  WideTensor wide_gradient;               // of the output
  QuantTensor gradient;                   // 8-bit copy of the output's gradient
  Buffer<std::uint16_t> wide_gradient_q;  // 16-bit copy
  QuantParams wide_gradient_params;
  std::vector<Contribution> contributions;    // gradients of the output
  std::optional<NormGradient> norm_gradient;  // in their place, where a Range BN is the one reader
  std::optional<FineCodes> fine;              // in the place of wide_gradient_q
};

// The layer engine: whole layers, integers, any number of threads, the bits of docs/numerics.md.
class IntegerEngine final : public Engine {
 public:
  IntegerEngine(const workloads::Network& network, const Recipe& recipe,
                const EngineOptions& options);
  StepResult train_step(std::span<const std::uint8_t> images, std::span<const std::uint16_t> labels,
                        const SgdRates& rates) override;
  StepResult evaluate(std::span<const std::uint8_t> images,
                      std::span<const std::uint16_t> labels) override;
  TrainingState& state() override;
  [[nodiscard]] const NodeRun& run(int node) const { return runs_[static_cast<std::size_t>(node)]; }

 private:
  using Node = workloads::Node;
  // A gradient's sums for gamma and beta, of both copies; see RangeBnSums.
  struct NormSums {
    std::vector<RangeBnSums> coarse, fine;
    std::vector<std::uint8_t> low, high;  // of the 8-bit codes
  };
  // The weight gradient of the images or channels that one thread took.
  struct WeightSums {
    Buffer<std::int64_t> weight, bias;
    WeightGradientScratch scratch;
    Buffer<std::uint16_t> codes;  // of an image, by FineCodes
    bool used = false;            // by the layer at hand
    // From zero, where the layer at hand has not used them yet.
    void take(const NodeState& state) {
      if (used) return;
      used = true;
      weight.assign(state.weight.size(), 0);
      bias.assign(state.bias.size(), 0);
    }
  };

  // integer_forward.cpp
  void forward(std::span<const std::uint8_t> images);
  void forward_weighted(const Node& node);
  void forward_relu(const Node& node);
  void forward_pool(const Node& node);
  void forward_add(const Node& node);
  void add_in_pieces(const Node& node, const AddScales& scales);
  void forward_shortcut(const Node& node);  // integer_shortcut.cpp
  // Largest |q - z|.
  [[nodiscard]] std::int32_t largest(const QuantTensor& x);
  [[nodiscard]] std::vector<std::int32_t> quantise_bias(const Node& node);
  void quantise_output(const Node& node, const WideTensor& wide);
  // Range that the output of `node` is quantised with, and the bookkeeping of that range.
  [[nodiscard]] Range output_range(const Node& node, const Range& current);
  StepResult loss(std::span<const std::uint16_t> labels, bool gradient);

  // integer_weights.cpp
  // The codes of all layers of few weights, and their plans where they are convolutions: each is
  // too little for several threads, all together are not.
  void prepare_weights();
  // The codes of a layer, unless they are there; shows them.
  void take_weights(const Node& node);
  void choose_weight_params(const Node& node, const Range& range);
  [[nodiscard]] bool needs_data_gradient(const Node& node) const {
    return node_of(node.inputs[0]).op != workloads::Op::kInput;
  }

  // integer_fc.cpp
  Extremes forward_fc(const Node& node, std::span<const std::int32_t> bias,
                      std::span<std::int32_t> out);
  Extremes data_gradient_fc(const Node& node, const ConvMask& mask, std::span<std::int32_t> dx);
  template <class Code>
  void weight_step_fc(const Node& node, const Codes<Code>& gradient, float scale,
                      const SgdRates& rates);

  // integer_norm.cpp
  void forward_norm(const Node& node);
  void apply_norm(const Node& node, const QuantTensor& x);
  void training_norm_scalars(const Node& node, const QuantTensor& x);
  void inference_norm_scalars(const Node& node, const QuantTensor& x);
  void backward_norm(const Node& node, const WideTensor& dy, const SgdRates& rates);

  // integer_backward.cpp
  void backward(const SgdRates& rates);
  void backward_weighted(const Node& node, const SgdRates& rates);
  void backward_relu(const Node& node);
  void backward_pool(const Node& node, const WideTensor& dy);
  void backward_shortcut(const Node& node, const WideTensor& dy);  // integer_shortcut.cpp
  template <class Code>
  void weight_gradient(const Node& node, std::span<const Code> gradient, const QuantParams& params,
                       const SgdRates& rates);
  // Images [begin, end) of a gradient that is made on the way; `codes` is scratch.
  void add_fine_codes(const Node& node, WeightGradientSum<std::uint16_t>& sum, int begin, int end,
                      Buffer<std::uint16_t>& codes);
  void release_norm_gradient(const Node& node);
  void update(std::span<const float> gradient, const SgdRates& rates, Buffer<float>& velocity,
              Buffer<float>& weight);
  // Updates weights [begin, end) by the sums of all threads; returns their range.
  Range join_and_update(Buffer<std::int64_t> WeightSums::*which, float scale, const SgdRates& rates,
                        std::int64_t begin, std::int64_t end, Buffer<float>& velocity,
                        Buffer<float>& weight);
  void contribute(const Node& from, int input, SharedWide gradient, bool masked = false);
  // The sum of all contributions to a node; masked by the node's own ReLU if it is one.
  [[nodiscard]] Contribution collect_gradient(const Node& node);
  void unify(SharedWide& wide);

  // integer_quantise.cpp
  [[nodiscard]] SharedWide make_wide(std::int64_t size, std::vector<float> scales);
  [[nodiscard]] SharedWide to_wide(const NormGradient& gradient, std::int64_t size);
  [[nodiscard]] const Extremes& extremes(WideTensor& wide);  // taken now if not known; one scale
  [[nodiscard]] Range range(const WideTensor& wide);
  [[nodiscard]] Range activation_range(const WideTensor& wide);  // by the recipe's `extremes`
  void quantise_activations(const Node& node, const WideTensor& wide);
  // Whether the output's format holds all wide values, so that none has to be counted.
  [[nodiscard]] bool holds_all(const Node& node, const std::optional<Extremes>& extremes,
                               float scale) const;
  template <class Code>
  void observe(const Node& node, Quantisation::Tensor tensor, const WideTensor& wide,
               const QuantParams& params, std::span<const Code> codes) const;
  // Whether this step's tensors are shown, for which they are made whole.
  [[nodiscard]] bool observed() const {
    return training_ && options_.observer && (state_.step + 1L) % options_.observe_every == 0;
  }
  [[nodiscard]] bool keeps_tensors() const { return options_.keep_gradients || observed(); }

  // integer_gradient.cpp
  [[nodiscard]] Range range(const NormGradient& gradient);
  // The formats of both copies, by the tensor's range or, if ranges are delayed, the last one's.
  void choose_gradient_params(const Node& node, Range current);
  [[nodiscard]] WideQuantiser coarse_quantiser(const Node& node, std::span<const float> scales);
  [[nodiscard]] WideQuantiser fine_quantiser(const Node& node, std::span<const float> scales);
  // The 8-bit copy of a gradient where the data gradient needs it, and the 16-bit copy.
  void quantise_gradient(const Node& node, const WideTensor& dy, bool need_data_gradient);
  void quantise_gradient(const Node& node, const NormGradient& dy, bool need_data_gradient);
  // Both copies of the gradient of a Range BN's output and their sums; the 16-bit one is not kept.
  [[nodiscard]] NormSums quantise_norm_gradient(const Node& node, const WideTensor& dy);
  // Whether the weight gradient makes its 16-bit codes itself.
  [[nodiscard]] bool makes_fine_codes(const Node& node) const;
  void observe_gradient(const Node& node, const WideTensor& dy);
  void release_gradients(const Node& node);

  // Shared helpers.
  [[nodiscard]] ConvShape conv_shape(const Node& node, int batch) const;
  [[nodiscard]] PoolShape pool_shape(const Node& node, int batch) const;
  [[nodiscard]] const Node& node_of(int id) const {
    return network_.nodes[static_cast<std::size_t>(id)];
  }
  [[nodiscard]] bool feeds_only(const Node& node, workloads::Op op) const {
    return node.consumers.size() == 1 && node_of(node.consumers[0]).op == op;
  }
  [[nodiscard]] NodeRun& input_of(const Node& node, int index = 0) {
    return runs_[static_cast<std::size_t>(node.inputs[static_cast<std::size_t>(index)])];
  }
  [[nodiscard]] NodeRun& run_of(const Node& node) {
    return runs_[static_cast<std::size_t>(node.id)];
  }
  [[nodiscard]] NodeState& state_of(const Node& node) {
    return state_.nodes[static_cast<std::size_t>(node.id)];
  }
  // body(begin image, end image, piece), the batch split into a piece a thread.
  void split_images(const std::function<void(int, int, int)>& body);
  // The same, a piece in several parts, which other threads may take: ThreadPool::share().
  void share_images(const std::function<void(int, int, int)>& body,
                    const std::function<void(int)>& done = {});

  workloads::Network network_;
  Recipe recipe_;
  EngineOptions options_;
  ThreadPool pool_;
  TrainingState state_;
  BufferPool<std::int32_t> wide_buffers_;  // before what gives back to them
  BufferPool<std::uint8_t> code_buffers_;
  BufferPool<std::uint16_t> wide_code_buffers_;
  std::vector<NodeRun> runs_;
  std::vector<WeightSums> sums_;
  int batch_ = 0;  // images of the present call
  bool training_ = false;
  std::int64_t saturated_ = 0, dead_channels_ = 0;
};

// From a wide tensor of these scales, one or one a channel, to codes; see WideQuantiser.
[[nodiscard]] WideQuantiser wide_quantiser(std::span<const float> scales, const QuantParams& params,
                                           Rounding rounding, const RandomAddress& random,
                                           bool in_range);

// Images [begin, end) of a tensor with `image` elements each.
template <class T>
[[nodiscard]] std::span<T> images_of(std::span<T> tensor, int begin, int end, std::int64_t image) {
  return tensor.subspan(static_cast<std::size_t>(begin * image),
                        static_cast<std::size_t>((end - begin) * image));
}

// body(begin, end) over the blocks of [begin, end), in order: from the last one the processor would
// not fetch ahead.
template <class Body>
void for_blocks(std::int64_t begin, std::int64_t end, std::int64_t block, Body body) {
  for (std::int64_t at = begin; at < end; at += block)
    body(at, at + block < end ? at + block : end);
}
// Elements of a block of wide integers that is worth a call: 64 KiB.
inline constexpr std::int64_t kWideBlock = 16'384;
// Of wide integers that stay in the second-level cache behind a pass that writes them.
inline constexpr std::int64_t kWideRecent = 131'072;

template <class Body>
void NormGradient::at_extremes(std::int64_t first, std::int64_t last, Body body) const {
  // The chunks that these rows meet, and their extremes among them.
  const std::size_t channels = gain.size();
  const auto chunks = static_cast<std::size_t>(norm->chunks);
  const auto n = static_cast<std::int64_t>(norm->gradient.q.size() / channels);
  auto k = static_cast<int>(first * norm->chunks / n);
  while (k > 0 && chunk_begin(n, norm->chunks, k) > first) --k;
  for (; k < norm->chunks && chunk_begin(n, norm->chunks, k) < last; ++k)
    for (std::size_t c = 0; c < channels; ++c) {
      const std::size_t at = c * chunks + static_cast<std::size_t>(k);
      const std::int64_t high = norm->extremes.argmax[at];
      const std::int64_t low = norm->extremes.argmin[at];
      // A chunk of one code has one row for both, whose terms cancel.
      if (norm->stats[c].range_sum == 0 || high == low) continue;
      for (const auto& [row, term] :
           {std::pair{high, -scalars[c].extreme}, std::pair{low, scalars[c].extreme}}) {
        if (row < first || row >= last) continue;
        const std::int32_t g = norm->gradient.q[static_cast<std::size_t>(row) * channels + c];
        body(row, c, gain[c] * g - offset[c] + term);
      }
    }
}

// Adds what a thread found to what it had found before.
void widen(std::optional<Extremes>& found, const Extremes& part);
// The whole of what threads found.
[[nodiscard]] Extremes join(std::span<const std::optional<Extremes>> parts);
[[nodiscard]] Range join(std::span<const Range> parts);
// The kernel's job: `out` and its extremes.
[[nodiscard]] AddJob add_job(const AddScales& scales, std::int64_t count, std::int32_t* out,
                             Extremes& extremes);

// Tells the clock, if there is one, how long a scope took.
class StepTimer {
 public:
  StepTimer(StepClock* clock, int node, StepPart part);
  ~StepTimer();
  StepTimer(const StepTimer&) = delete;
  StepTimer& operator=(const StepTimer&) = delete;

 private:
  StepClock* clock_;
  int node_;
  StepPart part_;
  std::int64_t start_ = 0;  // ns
};

}  // namespace octet::model
