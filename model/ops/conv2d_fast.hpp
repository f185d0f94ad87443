#pragma once
#include <memory>

#include "common/buffer.hpp"
#include "model/ops/conv2d_plan.hpp"

namespace octet::model {

// The convolution passes in the parts that threads share out: weights are packed once into a plan,
// then any slice of the batch is computed on its own. Same bytes as the references of
// model/ops/conv2d.hpp.

// Zeroes results where codes <= zero_point: the backward pass of a ReLU, done on the way.
struct ConvMask {
  std::span<const std::uint8_t> codes;  // laid out as the result; empty: no mask
  std::int32_t zero_point = 0;
};

// `out` [images][..] from the images x; bias may be empty. Returns the extremes of `out` (0, 0 for
// no images).
Extremes conv2d_planned(const ConvPlan& plan, int images, const Codes<std::uint8_t>& x,
                        std::span<const std::int32_t> bias, const ConvMask& mask,
                        std::span<std::int32_t> out);

// Output channels [first, last) only: added to dw[first..last) and db[first..last). db may be
// empty.
template <class Code>
void conv2d_weight_gradient_part(const ConvShape& shape, const Codes<Code>& g,
                                 const Codes<std::uint8_t>& x, int first, int last,
                                 std::span<std::int64_t> dw, std::span<std::int64_t> db);

// A thread's operands and 32-bit sums, kept between layers: fresh memory would cost more than its
// use.
struct WeightGradientScratch {
  Buffer<std::uint8_t> x;
  Buffer<std::int8_t> g;
  Buffer<std::int32_t> acc;
};

// A weight gradient of images that come a few at a time. What they add up to moves from 32-bit sums
// to dw and db at the end alone, where the shape allows that: no groups, and a window.
template <class Code>
class WeightGradientSum {
 public:
  // All is held by reference; `scratch` is nobody else's until finish().
  WeightGradientSum(const ConvShape& shape, std::int32_t zero_g, std::int32_t zero_x,
                    WeightGradientScratch& scratch, std::span<std::int64_t> dw,
                    std::span<std::int64_t> db);
  ~WeightGradientSum();
  WeightGradientSum(const WeightGradientSum&) = delete;
  WeightGradientSum& operator=(const WeightGradientSum&) = delete;
  // Neighbouring images, as many as shape.batch or fewer; `behind` more images lie behind x that
  // come next.
  void add(int images, std::span<const Code> g, std::span<const std::uint8_t> x, int behind = 0);
  // Adds what is left to dw and db; db may be empty.
  void finish();

 private:
  struct Kept;
  ConvShape shape_;
  std::int32_t zero_g_, zero_x_;
  std::span<std::int64_t> dw_, db_;
  std::unique_ptr<Kept> kept_;  // null: each add() is by itself
};

}  // namespace octet::model
