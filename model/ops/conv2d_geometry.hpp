#pragma once
#include "model/ops/conv2d.hpp"
#include "model/ops/patches.hpp"

namespace octet::model {

// A 1x1 convolution without stride or border sees no image: all its pixels become one row, so that
// a fully connected layer is a convolution over `batch` pixels.
[[nodiscard]] ConvShape flatten_pointwise(const ConvShape& shape);

// Geometry of the forward patches, and the border of one image filled with its zero point.
[[nodiscard]] PatchSource forward_source(const ConvShape& shape);
void fill_border(const ConvShape& shape, const std::uint8_t* image, std::int32_t zero_point,
                 PatchSource& source);

}  // namespace octet::model
