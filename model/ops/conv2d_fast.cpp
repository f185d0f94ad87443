#include "model/ops/conv2d_fast.hpp"

#include <algorithm>
#include <cstring>

#include "model/ops/conv2d_geometry.hpp"
#include "model/ops/patches.hpp"

namespace octet::model {
namespace {

constexpr int kPatchBytes = 192 * 1024;  // a block of patches stays in the second-level cache

// Convolves one bordered image with packed weights: out[pixel][channel of every group].
void convolve(const PatchSource& source, int pixels, std::int32_t zero_point,
              const PackedWeights& w, std::span<const std::int32_t> bias, std::int32_t* out,
              int out_channels, std::vector<std::uint8_t>& patches) {
  const int reduction = source.reduction();
  const std::ptrdiff_t ld = (reduction + 3) / 4 * 4;
  const int rows = std::clamp(static_cast<int>(kPatchBytes / ld) / 48 * 48, 48, 4096);
  patches.resize(static_cast<std::size_t>(ld) * static_cast<std::size_t>(rows));
  const int group_out = out_channels / source.groups;
  for (int first = 0; first < pixels; first += rows) {
    const int count = std::min(rows, pixels - first);
    for (int group = 0; group < source.groups; ++group) {
      copy_patches(source, group, first, count, patches.data(), ld);
      const auto part = bias.empty() ? bias
                                     : bias.subspan(static_cast<std::size_t>(group) * group_out,
                                                    static_cast<std::size_t>(group_out));
      multiply_packed(patches.data(), ld, count, zero_point, w[static_cast<std::size_t>(group)],
                      part, out + std::int64_t{first} * out_channels + group * group_out,
                      out_channels);
    }
  }
}

}  // namespace

PackedWeights pack_forward(const ConvShape& shape, const Codes<std::uint8_t>& w) {
  const std::int64_t reduction = shape.reduction();
  const int group_out = shape.out_c / shape.groups;
  std::vector<std::int64_t> offsets(static_cast<std::size_t>(reduction));
  PackedWeights packed;
  for (int group = 0; group < shape.groups; ++group) {
    for (std::size_t k = 0; k < offsets.size(); ++k)
      offsets[k] = group * group_out * reduction + static_cast<std::int64_t>(k);
    packed.push_back(pack_matrix(w.q, offsets, reduction, group_out, w.zero_point));
  }
  return packed;
}

PackedWeights pack_data_gradient(const ConvShape& shape, const Codes<std::uint8_t>& w) {
  const std::int64_t reduction = shape.reduction();
  const int group_in = shape.in_c / shape.groups;
  const int group_out = shape.out_c / shape.groups;
  std::vector<std::int64_t> offsets;
  PackedWeights packed;
  for (int group = 0; group < shape.groups; ++group) {
    offsets.clear();
    for (int i = shape.kernel_h - 1; i >= 0; --i)
      for (int j = shape.kernel_w - 1; j >= 0; --j)
        for (int o = 0; o < group_out; ++o)
          offsets.push_back((group * group_out + o) * reduction +
                            std::int64_t{i * shape.kernel_w + j} * group_in);
    packed.push_back(pack_matrix(w.q, offsets, 1, group_in, w.zero_point));
  }
  return packed;
}

void conv2d_forward_packed(const ConvShape& original, const Codes<std::uint8_t>& x,
                           const PackedWeights& w, std::span<const std::int32_t> bias,
                           std::span<std::int32_t> out) {
  const ConvShape shape = flatten_pointwise(original);
  PatchSource source = forward_source(shape);
  std::vector<std::uint8_t> patches;
  const std::int64_t image = std::int64_t{shape.in_h} * shape.in_w * shape.in_c;
  const int pixels = shape.out_h * shape.out_w;
  for (int n = 0; n < shape.batch; ++n) {
    fill_border(shape, x.q.data() + n * image, x.zero_point, source);
    convolve(source, pixels, x.zero_point, w, bias,
             out.data() + std::int64_t{n} * pixels * shape.out_c, shape.out_c, patches);
  }
}

void conv2d_data_gradient_packed(const ConvShape& original, const Codes<std::uint8_t>& g,
                                 const PackedWeights& w, std::span<std::int32_t> dx) {
  // The transposed convolution as a plain one: outputs spread `stride` apart and bordered, with
  // mirrored weights.
  const ConvShape shape = flatten_pointwise(original);
  PatchSource source;
  source.height = shape.in_h + shape.dilation_h * (shape.kernel_h - 1);
  source.width = shape.in_w + shape.dilation_w * (shape.kernel_w - 1);
  source.channels = shape.out_c;
  source.kernel_h = shape.kernel_h;
  source.kernel_w = shape.kernel_w;
  source.dilation_h = shape.dilation_h;
  source.dilation_w = shape.dilation_w;
  source.out_w = shape.in_w;
  source.groups = shape.groups;
  source.pixels.resize(static_cast<std::size_t>(source.height) * source.width * shape.out_c);
  const int top = shape.dilation_h * (shape.kernel_h - 1) - shape.pad_h;
  const int left = shape.dilation_w * (shape.kernel_w - 1) - shape.pad_w;
  const std::int64_t image = std::int64_t{shape.out_h} * shape.out_w * shape.out_c;
  std::vector<std::uint8_t> patches;
  for (int n = 0; n < shape.batch; ++n) {
    std::memset(source.pixels.data(), g.zero_point, source.pixels.size());
    for (int y = 0; y < shape.out_h; ++y)
      for (int x = 0; x < shape.out_w; ++x) {
        const int v = top + y * shape.stride_h;
        const int u = left + x * shape.stride_w;
        if (v < 0 || v >= source.height || u < 0 || u >= source.width) continue;
        std::memcpy(source.pixels.data() + (std::int64_t{v} * source.width + u) * shape.out_c,
                    g.q.data() + n * image + (std::int64_t{y} * shape.out_w + x) * shape.out_c,
                    static_cast<std::size_t>(shape.out_c));
      }
    convolve(source, shape.in_h * shape.in_w, g.zero_point, w, {},
             dx.data() + std::int64_t{n} * shape.in_h * shape.in_w * shape.in_c, shape.in_c,
             patches);
  }
}

void conv2d_forward(const ConvShape& shape, const Codes<std::uint8_t>& x,
                    const Codes<std::uint8_t>& w, std::span<const std::int32_t> bias,
                    std::span<std::int32_t> out) {
  conv2d_forward_packed(shape, x, pack_forward(shape, w), bias, out);
}

void conv2d_data_gradient(const ConvShape& shape, const Codes<std::uint8_t>& g,
                          const Codes<std::uint8_t>& w, std::span<std::int32_t> dx) {
  conv2d_data_gradient_packed(shape, g, pack_data_gradient(shape, w), dx);
}

}  // namespace octet::model
