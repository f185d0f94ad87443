#include "model/ops/conv2d_geometry.hpp"

#include <cstring>

namespace octet::model {

ConvShape flatten_pointwise(const ConvShape& shape) {
  if (shape.kernel_h != 1 || shape.kernel_w != 1 || shape.stride_h != 1 || shape.stride_w != 1 ||
      shape.pad_h != 0 || shape.pad_w != 0)
    return shape;
  ConvShape flat = shape;
  flat.batch = flat.in_h = flat.out_h = 1;
  flat.in_w = flat.out_w = shape.batch * shape.in_h * shape.in_w;
  return flat;
}

PatchSource forward_source(const ConvShape& shape) {
  PatchSource source;
  source.height = shape.in_h + 2 * shape.pad_h;
  source.width = shape.in_w + 2 * shape.pad_w;
  source.channels = shape.in_c;
  source.kernel_h = shape.kernel_h;
  source.kernel_w = shape.kernel_w;
  source.stride_h = shape.stride_h;
  source.stride_w = shape.stride_w;
  source.dilation_h = shape.dilation_h;
  source.dilation_w = shape.dilation_w;
  source.out_w = shape.out_w;
  source.groups = shape.groups;
  source.pixels.resize(static_cast<std::size_t>(source.height) * source.width * source.channels);
  return source;
}

void fill_border(const ConvShape& shape, const std::uint8_t* image, std::int32_t zero_point,
                 PatchSource& source) {
  const std::size_t row = static_cast<std::size_t>(shape.in_w) * shape.in_c;
  if (shape.pad_h != 0 || shape.pad_w != 0)
    std::memset(source.pixels.data(), zero_point, source.pixels.size());
  for (int y = 0; y < shape.in_h; ++y)
    std::memcpy(source.pixels.data() +
                    (std::int64_t{y + shape.pad_h} * source.width + shape.pad_w) * shape.in_c,
                image + static_cast<std::size_t>(y) * row, row);
}

}  // namespace octet::model
