#pragma once
#include <memory>
#include <optional>
#include <vector>

#include "common/thread_pool.hpp"
#include "model/float32/dnnl_convolution.hpp"
#include "model/float32/dnnl_product.hpp"
#include "model/float32/norm.hpp"
#include "model/float32/slices.hpp"
#include "model/ops/conv2d.hpp"
#include "model/ops/pool.hpp"
#include "model/ops/shortcut.hpp"
#include "model/trainer/engine.hpp"

namespace octet::model::float32 {

// Trains in float32: oneDNN for the matrix products, docs/numerics.md without its quantisation for
// everything else. One object owns every activation and gradient of a batch. A slice of the batch
// passes through all layers between two results of the whole batch (a norm's statistics, a fully
// connected layer) while it is in the cache. The bits of a run depend on oneDNN and the processor
// it runs on, not on the number of threads.
class FloatEngine : public Engine {
 public:
  FloatEngine(const workloads::Network& network, const Recipe& recipe,
              const EngineOptions& options);

  StepResult train_step(std::span<const std::uint8_t> images, std::span<const std::uint16_t> labels,
                        const SgdRates& rates) override;
  StepResult evaluate(std::span<const std::uint8_t> images,
                      std::span<const std::uint16_t> labels) override;
  [[nodiscard]] TrainingState& state() override { return state_; }

 private:
  struct Buffers {
    std::vector<float> y, dy;  // [batch][h][w][c] of the node's output
    bool gradient_arrived = false;
    std::vector<float> weight_gradient, bias_gradient;
    std::vector<std::int32_t> winner;  // max pooling
    std::unique_ptr<DnnlConvolution> convolution;
    NormStatistics<float> norm;
    std::optional<NormGatherer<float>> gatherer;
    std::optional<NormGradientGatherer<float>> gradients;
  };

  void prepare(const workloads::Node& node);
  void prepare_norm(const workloads::Node& node);
  void check_batch(std::span<const std::uint8_t> images, std::span<const std::uint16_t> labels,
                   std::size_t most) const;
  void forward(std::span<const std::uint8_t> images, bool training);
  void forward_node(const workloads::Node& node, bool training);
  void forward_slice(const workloads::Node& node, const Slice& slice);
  void forward_product(const workloads::Node& node);
  void train_statistics(const workloads::Node& node);
  void keep_running(const workloads::Node& node);
  void running_statistics(const workloads::Node& node);
  [[nodiscard]] float constant(const workloads::Node& node) const;
  [[nodiscard]] int chunks(const workloads::Node& node) const;

  void backward();
  void backward_node(const workloads::Node& node);
  void backward_product(const workloads::Node& node);
  void norm_gradients(const workloads::Node& node);
  void backward_input(const workloads::Node& node, const Slice& slice, int input, bool accumulated);
  void data_gradient(const workloads::Node& node, const Slice& slice, std::span<float> dx);
  void norm_data_gradient(const workloads::Node& node, const Slice& slice, std::span<float> dx);
  void update(const SgdRates& rates);
  void update_node(const workloads::Node& node, const SgdRates& rates);

  // Runs what is queued on the slices in use.
  void run_queue() { queue_.run(slices_, slices_in_use_, pool_); }
  // A slice's part of a node's activation or gradient.
  [[nodiscard]] std::span<float> y(int node, const Slice& slice) {
    return part<float>(at(node).y, slices_, slice);
  }
  [[nodiscard]] std::span<float> dy(int node, const Slice& slice) {
    return part<float>(at(node).dy, slices_, slice);
  }
  // A norm or sum that a ReLU alone reads: its own values are never stored, only the ReLU's, which
  // the same pass makes.
  [[nodiscard]] bool joins_relu(const workloads::Node& node) const;
  [[nodiscard]] bool learns_norm() const { return recipe_.norm != Recipe::Norm::kNone; }
  [[nodiscard]] Buffers& at(int id) { return buffers_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] NodeState& learnt(int id) { return state_.nodes[static_cast<std::size_t>(id)]; }

  workloads::Network network_;
  Recipe recipe_;
  EngineOptions options_;
  TrainingState state_;
  ThreadPool pool_;
  std::vector<Buffers> buffers_;  // one a node
  std::vector<float> spare_;      // a second gradient, before it is added to the first, as dy
  Slices slices_;
  int slices_in_use_;  // fewer where an evaluation has fewer images
  SliceQueue queue_;
};

// The geometry of a node for `batch` images.
[[nodiscard]] DnnlProduct product_shape(const workloads::Node& node, int batch);
[[nodiscard]] ConvShape conv_shape(const workloads::Node& node, int batch);
[[nodiscard]] PoolShape pool_shape(const workloads::Node& node, int batch);
[[nodiscard]] ShortcutShape shortcut_shape(const workloads::Node& node, int batch);
// The rows [image][y][x] of its output.
[[nodiscard]] RowRange slice_rows(const workloads::Node& node, const Slice& slice);

}  // namespace octet::model::float32
