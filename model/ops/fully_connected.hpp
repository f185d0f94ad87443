#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "common/buffer.hpp"
#include "model/ops/conv2d_fast.hpp"
#include "model/ops/sgd.hpp"

namespace octet::model {

// The three products of a fully connected layer, fast: what the references of model/ops/conv2d.hpp
// give for a 1x1 window over one pixel, in parts that threads share out. Weights are read as they
// lie, [outputs][inputs]; nothing of their size is packed or summed in memory.
struct FcShape {
  int batch = 1, inputs = 1, outputs = 1;
};

// Columns [first, last) of out [batch][outputs]; bias may be empty. Returns the extremes of what is
// written ({0, 0} for nothing).
Extremes fc_forward(const FcShape& shape, const Codes<std::uint8_t>& x,
                    const Codes<std::uint8_t>& w, std::span<const std::int32_t> bias, int first,
                    int last, std::span<std::int32_t> out);

// dx [batch][inputs] from g [batch][outputs], in columns [first, last).
class FcDataGradient {
 public:
  FcDataGradient(const FcShape& shape, const Codes<std::uint8_t>& g);
  // As fc_forward; the mask is as large as dx.
  Extremes run(const Codes<std::uint8_t>& w, const ConvMask& mask, int first, int last,
               std::span<std::int32_t> dx) const;

 private:
  FcShape shape_;
  std::int32_t zero_g_;
  int chunk_k4_ = 1, k4_ = 0;
  Buffer<std::uint8_t> g_;  // rows of 4 k4 bytes
  std::vector<std::int32_t> sums_;
};

// The weight gradient and its SGD step at once: a tile's gradient is used up while it lies in the
// first-level cache. Code is std::uint8_t or std::uint16_t.
template <class Code>
class FcWeightStep {
 public:
  FcWeightStep(const FcShape& shape, const Codes<Code>& g);
  // sum (g - z_g) for each output.
  [[nodiscard]] const std::vector<std::int64_t>& bias_gradient() const { return bias_gradient_; }
  // Updates weights and velocities [outputs][inputs] in columns [first, last), with the gradient
  // f32(sum (g - z_g)(x - z_x)) scale. Widens `range` to hold the new weights.
  void run(const Codes<std::uint8_t>& x, float scale, const SgdRates& rates, int first, int last,
           std::span<float> velocity, std::span<float> weight, Range& range) const;

 private:
  class Columns;
  FcShape shape_;
  std::int32_t zero_g_;
  Buffer<std::int16_t> g_;  // [part of the batch][group of 4 outputs][pair of images][4][2]
  std::vector<std::int64_t> bias_gradient_;
};

}  // namespace octet::model
