#pragma once
#include <vector>

#include "common/buffer.hpp"
#include "common/thread_pool.hpp"
#include "model/ops/conv2d_fast.hpp"
#include "model/ops/pool.hpp"
#include "model/ops/range_bn_fast.hpp"
#include "model/trainer/engine.hpp"

namespace octet::model {

// Signed 32-bit integers with one real scale, or one a channel (element index modulo the count).
struct WideTensor {
  Buffer<std::int32_t> x;
  std::vector<float> scales;
};

struct QuantTensor {
  std::vector<std::uint8_t> q;
  QuantParams params;
  [[nodiscard]] Codes<std::uint8_t> codes() const { return {q, params.zero_point}; }
};

// What one node holds during a step; kept until the next, so that tests and captures can look.
struct NodeRun {
  QuantTensor output;  // activations, 8 bits
  WideTensor logits;   // of the node that feeds the loss
  QuantTensor weights;
  std::vector<std::int32_t> winners;  // max pooling
  int chunks = 0;                     // norm, from here on
  std::vector<RangeBnStats> stats;
  RangeBnExtremes extremes;
  std::vector<float> inverse;  // i_c
  std::vector<float> gain;     // a_c
  std::vector<RangeBnApply> apply;
  WideTensor wide_gradient;                    // of the output, where EngineOptions::keep_gradients
  QuantTensor gradient;                        // 8-bit copy of the output's gradient
  std::vector<std::uint16_t> wide_gradient_q;  // 16-bit copy
  QuantParams wide_gradient_params;
  std::vector<std::pair<int, WideTensor>> contributions;  // (consumer, gradient of the output)
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
  TrainingState& state() override { return state_; }
  [[nodiscard]] const NodeRun& run(int node) const { return runs_[static_cast<std::size_t>(node)]; }

 private:
  using Node = workloads::Node;

  // integer_forward.cpp
  void forward(std::span<const std::uint8_t> images);
  void forward_weighted(const Node& node);
  void forward_norm(const Node& node);
  void forward_pool(const Node& node);
  void forward_add(const Node& node);
  void forward_shortcut(const Node& node);  // integer_shortcut.cpp
  void quantise_weights(const Node& node);
  [[nodiscard]] std::vector<std::int32_t> quantise_bias(const Node& node) const;
  void quantise_output(const Node& node, const WideTensor& wide);
  // Range that the output of `node` is quantised with, and the bookkeeping of that range.
  [[nodiscard]] Range output_range(const Node& node, const Range& current);
  void apply_norm(const Node& node, const QuantTensor& x);
  void training_norm_scalars(const Node& node, const QuantTensor& x);
  void inference_norm_scalars(const Node& node, const QuantTensor& x);
  StepResult loss(std::span<const std::uint16_t> labels, bool gradient);

  // integer_backward.cpp
  void backward(const SgdRates& rates);
  [[nodiscard]] WideTensor collect_gradient(const Node& node);
  void backward_weighted(const Node& node, const WideTensor& dy, const SgdRates& rates);
  void backward_norm(const Node& node, const WideTensor& dy, const SgdRates& rates);
  void backward_pool(const Node& node, const WideTensor& dy);
  void backward_shortcut(const Node& node, const WideTensor& dy);  // integer_shortcut.cpp
  void quantise_gradient(const Node& node, const WideTensor& dy, bool need_data_gradient);
  template <class Code>
  void weight_gradient(const Node& node, std::span<const Code> gradient, const QuantParams& params,
                       const SgdRates& rates);
  template <class Code>
  [[nodiscard]] std::vector<RangeBnSums> norm_sums(const Node& node, std::span<const Code> gradient,
                                                   std::int32_t zero_point);
  void update(std::span<const float> gradient, const SgdRates& rates, std::vector<float>& velocity,
              std::vector<float>& weight);

  // Shared helpers.
  [[nodiscard]] Range wide_range(const WideTensor& wide);
  [[nodiscard]] Range activation_range(const WideTensor& wide);  // by the recipe's `extremes`
  template <class Code>
  void quantise(const WideTensor& wide, const QuantParams& params, Rounding rounding,
                std::uint32_t stream, std::span<Code> out);
  // Shows the observer, if there is one, what quantise() made; the stream tells node and use.
  template <class Code>
  void observe(const WideTensor& wide, const QuantParams& params, std::uint32_t stream,
               std::span<const Code> codes) const;
  [[nodiscard]] ConvShape conv_shape(const Node& node, int batch) const;
  [[nodiscard]] PoolShape pool_shape(const Node& node, int batch) const;
  [[nodiscard]] const NodeRun& input_of(const Node& node, int index = 0) const {
    return runs_[static_cast<std::size_t>(node.inputs[static_cast<std::size_t>(index)])];
  }
  [[nodiscard]] NodeRun& run_of(const Node& node) {
    return runs_[static_cast<std::size_t>(node.id)];
  }
  [[nodiscard]] NodeState& state_of(const Node& node) {
    return state_.nodes[static_cast<std::size_t>(node.id)];
  }
  void contribute(const Node& from, int input, WideTensor gradient);
  // body(begin image, end image, piece), the batch shared out.
  void split_images(const std::function<void(int, int, int)>& body);

  workloads::Network network_;
  Recipe recipe_;
  EngineOptions options_;
  ThreadPool pool_;
  TrainingState state_;
  std::vector<NodeRun> runs_;
  int batch_ = 0;  // images of the present call
  bool training_ = false;
  std::int64_t saturated_ = 0, dead_channels_ = 0;
};

}  // namespace octet::model
