#pragma once
#include "model/quant/recipe.hpp"
#include "sim/program/lowering/gemm.hpp"
#include "sim/program/lowering/pool_tiles.hpp"
#include "workloads/graph/network.hpp"

namespace octet::sim {

// One network being lowered: what the forward pass leaves for the backward pass.
class Lowering {
 public:
  Lowering(const workloads::Network& network, const model::Recipe& recipe, const Hardware& hardware,
           int batch, bool delayed, Scope scope, MappingCache& mappings, Program& program,
           Emitter& emitter);
  void forward();
  void backward();

 private:
  using Node = workloads::Node;
  struct Parameter {  // f32 vector with its velocity and, on its way, its gradient
    int value = -1, velocity = -1, gradient = -1;
    int copy = -1;  // 16-bit floats that the products read, written by the update
  };
  struct Contribution {
    int consumer = 0;
    int wide = -1;
    bool per_channel = false;
    int last = -1;  // the operation that ended its extremes
  };
  struct NodeTensors {
    int codes = -1, wide = -1;  // output
    int weights = -1;           // codes
    Parameter weight, bias;     // norm: gamma, beta
    int pool_index = -1;
    bool stats_done = false;  // norm: statistics taken where the input was made
    int deferred = -1;        // norm that its addition applies: the command that makes it ready
    bool fused = false;       // backward: nothing left to do
    bool made = false;        // inference: done as an earlier node's results drained
    std::vector<Contribution> contributions;
    // Gradient copies, where they were made as the wide gradient was produced.
    int gradient8 = -1, gradient16 = -1, gradient_last = -1;
  };

  // forward.cpp, forward_elements.cpp
  void forward_node(const Node& node);
  void forward_gemm(const Node& node);
  void forward_norm(const Node& node);
  void forward_relu(const Node& node);
  void forward_add(const Node& node);
  int load_addend(int input, const ElementSet& set, Half& half);
  void forward_loss(const Node& node);
  void weight_codes(const Node& node);
  int bias_scalar(const Node& node);
  Sink activation_sink(const Node& node);
  void finish_activation(const Node& node, Sink& sink);
  [[nodiscard]] bool feeds_loss(const Node& node) const;
  [[nodiscard]] bool only_relu_follows(const Node& node) const;
  [[nodiscard]] bool only_add_follows(const Node& node) const;
  [[nodiscard]] bool identity_norm(const Node& node) const;
  int norm_fed_by(const Node& node) const;
  int norm_scalars(const Node& node, int statistics);
  // inference.cpp
  Sink inference_sink(const Node& node);
  [[nodiscard]] const Node* joins(const Node& node) const;
  int constants(const Node& node, const std::string& name, std::int64_t each);
  // pools.cpp
  void forward_pool(const Node& node);
  void backward_pool(const Node& node, const Contribution& gradient);
  // `sink` of the side that is made; nullptr: codes and the winner's place.
  [[nodiscard]] PoolShape pool_shape(const Node& node, bool forward, std::int64_t source_bytes,
                                     const Sink* sink) const;
  // shortcuts.cpp
  void forward_shortcut(const Node& node);
  void backward_shortcut(const Node& node, const Contribution& gradient);
  // backward.cpp
  void backward_node(const Node& node);
  void backward_gemm(const Node& node);
  void backward_norm(const Node& node);
  Contribution add_contributions(const Node& node);
  void backward_mask(const Node& node, const Contribution& gradient);
  void quantise_gradient(const Node& node);
  void update(const Parameter& parameter, std::int64_t flags);
  // gradient_sink.cpp
  struct GradientSink {
    Sink sink;
    int node = 0, consumer = 0;  // where the contribution goes
  };
  GradientSink gradient_sink(int target, int consumer, bool complete, bool per_channel,
                             const std::string& name, std::int64_t elements, int channels,
                             int first_mask_source = -1);
  void finish_gradient(GradientSink& g);
  void make_copies(const Node& node);
  void set_copies(const Node& node, Sink& sink);
  void copy_format(const Node& node, const Contribution& gradient, Sink& sink);
  [[nodiscard]] bool quantises_gradient(const Node& node) const;

  int tensor(const Node& node, const std::string& suffix, TensorKind kind, std::int64_t elements,
             int bytes, int channels, bool in_dram = true);
  Parameter parameter(const Node& node, const std::string& suffix, std::int64_t elements);
  [[nodiscard]] const Node& node(int id) const { return network_.nodes[id]; }
  [[nodiscard]] const Node& input_of(const Node& n) const { return node(n.inputs[0]); }
  [[nodiscard]] std::int64_t out_elements(const Node& n) const { return n.out.elements() * batch_; }
  int code_bytes(int bits) const { return bits <= 8 ? 1 : 2; }

  const workloads::Network& network_;
  model::Recipe recipe_;
  std::int64_t value_bytes_;  // of an activation, a weight or a gradient that products read
  int wide_bytes_;            // of a gradient that is stored before it becomes what products read
  int batch_;
  bool delayed_;
  Scope scope_;
  Builder b_;
  std::vector<NodeTensors> at_;
};

}  // namespace octet::sim
