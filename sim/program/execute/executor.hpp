#pragma once
#include <vector>

#include "model/ops/add.hpp"
#include "model/ops/range_bn.hpp"
#include "sim/program/execute.hpp"

namespace octet::sim {

// One tensor's contents and the scalars that belong to it.
struct Value {
  std::vector<std::uint8_t> u8;
  std::vector<std::uint16_t> u16;
  std::vector<std::int32_t> i32;
  std::vector<std::int64_t> i64;
  std::vector<float> f32;
  model::QuantParams params;              // codes
  std::vector<float> scales;              // wide: one, or one a channel
  std::vector<model::Extremes> extremes;  // of integers: one, or one a channel
  model::Range range;                     // of f32
  std::vector<std::int32_t> bias;         // forward products: in accumulator units
  model::AddScales add;                   // results of an addition
  std::vector<model::Multiplier> unify_a, unify_b;
  std::vector<bool> stored;  // elements that are in DRAM
  [[nodiscard]] std::int32_t code(std::size_t i) const { return u8.empty() ? u16[i] : u8[i]; }
};

// Range BN of one node between its commands.
struct NormRun {
  int chunks = 0;
  std::vector<model::RangeBnStats> stats;
  model::RangeBnExtremes extremes;
  std::vector<char> seen;  // [channels][chunks]: the chunk has a first element
  std::vector<float> inverse, gain, dx_scales;
  std::vector<model::RangeBnApply> apply;
  std::vector<model::RangeBnSums> sums8, sums16;
  std::vector<model::RangeBnBackward> backward;
};

class Executor {
 public:
  Executor(const Program& program, const workloads::Network& network, const model::Recipe& recipe,
           model::TrainingState& state, const model::SgdRates& rates);
  void start(std::span<const std::uint8_t> images, std::span<const std::uint16_t> labels);
  void run(const Command& command);
  void finish();  // f32 parameters back to the state
  [[nodiscard]] const StepOutcome& outcome() const { return outcome_; }

 private:
  // execute.cpp
  [[nodiscard]] Buffer<float>* parameter(const Tensor& tensor);
  void load(const Command& c) const;
  void store(const Command& c);
  // execute_gemm.cpp
  void gemm(const Command& c);
  void gemm_forward(const Command& c);
  void gemm_data_gradient(const Command& c);
  void gemm_weight_gradient(const Command& c);
  void bias_sum(const Command& c);
  void gradient(const Command& c);
  // execute_vector.cpp
  void range(const Command& c);
  void quantise(const Command& c);
  void quantise_weight(const Command& c);
  void mask(const Command& c);
  void pool(const Command& c);
  void pool_gradient(const Command& c);
  void add(const Command& c);
  void softmax(const Command& c);
  void update(const Command& c);
  // execute_shortcut.cpp
  void shortcut(const Command& c);
  void shortcut_gradient(const Command& c);
  // execute_range_bn.cpp
  void rbn_stats(const Command& c);
  void rbn_grad_sums(const Command& c);
  void rbn_grad_apply(const Command& c);
  void rbn_apply(const Command& c);
  void scalar_rbn(const Command& c);
  void scalar_rbn_grad(const Command& c);
  // execute_scalar.cpp
  void scalar_weight(const Command& c);
  void scalar_bias(const Command& c);
  void scalar_activation(const Command& c);
  void scalar_gradient(const Command& c);
  void scalar_record(const Command& c);
  void scalar_add(const Command& c);
  [[nodiscard]] model::Range real_range_of(const Value& wide) const;
  void follow_output(int node, const model::Range& range);

  [[nodiscard]] Value& at(std::int64_t tensor) { return values_[static_cast<std::size_t>(tensor)]; }
  [[nodiscard]] const Value& at(std::int64_t tensor) const {
    return values_[static_cast<std::size_t>(tensor)];
  }
  [[nodiscard]] const Tensor& info(std::int64_t tensor) const {
    return program_.tensors[static_cast<std::size_t>(tensor)];
  }
  [[nodiscard]] const workloads::Node& node(int id) const {
    return network_.nodes[static_cast<std::size_t>(id)];
  }

  const Program& program_;
  const workloads::Network& network_;
  const model::Recipe& recipe_;
  model::TrainingState& state_;
  model::SgdRates rates_;
  StepOutcome outcome_;
  std::vector<Value> values_;
  std::vector<NormRun> norms_;
};

// body(flat element index) for the elements of a command.
template <class Body>
void for_each_element(const Command& c, const Body& body) {
  if (c.n == 0) {
    for (std::int64_t i = c.first; i < c.first + c.count; ++i) body(static_cast<std::size_t>(i));
    return;
  }
  for (std::int64_t r = c.first; r < c.first + c.count; ++r) {
    for (std::int64_t i = c.n0; i < c.n0 + c.n; ++i)
      body(static_cast<std::size_t>(r * c.pitch + i));
  }
}

inline void follow(float& running, float value, bool first) {
  running = first ? value : running + 0.1F * (value - running);
}

}  // namespace octet::sim
