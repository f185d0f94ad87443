#pragma once
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

// Output channels [first, last) only: added to dw[first..last) and db[first..last). db may be empty.
template <class Code>
void conv2d_weight_gradient_part(const ConvShape& shape, const Codes<Code>& g,
                                 const Codes<std::uint8_t>& x, int first, int last,
                                 std::span<std::int64_t> dw, std::span<std::int64_t> db);

}  // namespace octet::model
