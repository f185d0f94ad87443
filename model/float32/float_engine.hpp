#pragma once
#include <memory>
#include <vector>

#include "common/thread_pool.hpp"
#include "model/float32/dnnl_layer.hpp"
#include "model/float32/norm.hpp"
#include "model/ops/conv2d.hpp"
#include "model/ops/pool.hpp"
#include "model/ops/shortcut.hpp"
#include "model/trainer/engine.hpp"

namespace octet::model::float32 {

// Trains in float32: oneDNN for the matrix products, docs/numerics.md without its quantisation for
// everything else. One object owns every activation and gradient of a batch.
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
    std::unique_ptr<DnnlLayer> layer;
    NormStatistics<float> norm;
  };

  void prepare(const workloads::Node& node);
  void check_batch(std::span<const std::uint8_t> images, std::span<const std::uint16_t> labels,
                   std::size_t most) const;
  void forward(std::span<const std::uint8_t> images, bool training);
  void forward_node(const workloads::Node& node, bool training);
  void forward_norm(const workloads::Node& node, bool training);
  void keep_running(const workloads::Node& node);
  void running_statistics(const workloads::Node& node);
  [[nodiscard]] float constant(const workloads::Node& node) const;
  [[nodiscard]] int chunks(const workloads::Node& node) const;

  void backward();
  void backward_node(const workloads::Node& node);
  void backward_weights(const workloads::Node& node);
  void data_gradient(const workloads::Node& node, std::span<float> dx);
  void update(const SgdRates& rates);

  [[nodiscard]] bool learns_norm() const { return recipe_.norm != Recipe::Norm::kNone; }
  [[nodiscard]] Buffers& at(int id) { return buffers_[static_cast<std::size_t>(id)]; }
  [[nodiscard]] NodeState& learnt(int id) { return state_.nodes[static_cast<std::size_t>(id)]; }

  workloads::Network network_;
  Recipe recipe_;
  EngineOptions options_;
  TrainingState state_;
  ThreadPool pool_;
  std::vector<Buffers> buffers_;  // one a node
  std::vector<float> spare_;      // a second gradient, before it is added to the first
};

// The batch geometry of a node.
[[nodiscard]] ConvShape conv_shape(const workloads::Node& node, int batch);
[[nodiscard]] PoolShape pool_shape(const workloads::Node& node, int batch);
[[nodiscard]] ShortcutShape shortcut_shape(const workloads::Node& node, int batch);

}  // namespace octet::model::float32
