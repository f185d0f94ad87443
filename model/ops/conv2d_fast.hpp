#pragma once
#include <vector>

#include "model/ops/conv2d.hpp"
#include "model/ops/packed_matrix.hpp"

namespace octet::model {

// The convolution passes in the parts that threads share out: weights are packed once, then any
// slice of the batch is computed on its own. Same bytes as model/ops/conv2d.hpp's references.
using PackedWeights = std::vector<PackedMatrix>;  // one a group
[[nodiscard]] PackedWeights pack_forward(const ConvShape& shape, const Codes<std::uint8_t>& w);
[[nodiscard]] PackedWeights pack_data_gradient(const ConvShape& shape,
                                               const Codes<std::uint8_t>& w);

// shape.batch and the spans are those of the slice.
void conv2d_forward_packed(const ConvShape& shape, const Codes<std::uint8_t>& x,
                           const PackedWeights& w, std::span<const std::int32_t> bias,
                           std::span<std::int32_t> out);
void conv2d_data_gradient_packed(const ConvShape& shape, const Codes<std::uint8_t>& g,
                                 const PackedWeights& w, std::span<std::int32_t> dx);

// Output channels [first, last) only: dw[first..last) and db[first..last) are written.
template <class Code>
void conv2d_weight_gradient_part(const ConvShape& shape, const Codes<Code>& g,
                                 const Codes<std::uint8_t>& x, int first, int last,
                                 std::span<std::int64_t> dw, std::span<std::int64_t> db);

}  // namespace octet::model
