#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "model/quant/quantise.hpp"

// What an engine tells those who look on while it trains; nothing here changes a bit of the result.
namespace octet::model {

// The kinds of work of one node in one step.
enum class StepPart {
  kForward,         // matrix product or pooling
  kDataGradient,    // matrix product or pooling
  kWeightGradient,  // matrix product
  kQuantise,        // weights, wide tensors to codes, with their ranges and random bits
  kNorm,            // statistics, normalising, sums and gradient of Range BN
  kAdd,             // residual sums, of activations and of gradients
  kOther,           // ReLU, loss, input
  kUpdate,          // SGD
};
inline constexpr int kStepParts = 8;
[[nodiscard]] const char* step_part_name(StepPart part);  // "forward", "data gradient", ...

// Wall-clock seconds by node and part, summed over all steps since clear().
class StepClock {
 public:
  void add(int node, StepPart part, double seconds);
  void clear() { seconds_.clear(); }
  [[nodiscard]] double seconds(int node, StepPart part) const;
  [[nodiscard]] double total() const;

 private:
  std::vector<double> seconds_;  // [node][part]
};

// One tensor as it is quantised: its values before, real = scale * wide (one scale, or one a
// channel: element index modulo the count) or f32 weights, and its codes after.
struct Quantisation {
  enum class Tensor { kWeight, kActivation, kGradient, kWeightGradient };
  int node = 0;
  std::uint32_t step = 0;  // of training, from 0
  Tensor tensor = Tensor::kActivation;
  std::span<const float> floats;  // weights; empty otherwise
  std::span<const std::int32_t> wide;
  std::span<const float> scales;
  std::span<const std::uint8_t> codes;        // one of the two is empty
  std::span<const std::uint16_t> wide_codes;  // more than 8 bits
  QuantParams params;
};
// Called in training steps for each weight, activation (not the outputs of Range BN, which never
// exist before their codes) and gradient quantised; the spans live for the call alone.
using QuantisationObserver = std::function<void(const Quantisation&)>;

}  // namespace octet::model
