#pragma once
#include <cstdint>
#include <vector>

#include "model/ops/conv2d.hpp"

namespace octet::model::testing {

// The convolution as three gathers, each asked for one element at a time in 64 bits: what is the
// real operand at a position, and which tap (if any) joins an input row to an output row?
template <class Code>
class ImageView {
 public:
  ImageView(const Codes<Code>& codes, int height, int width, int channels)
      : codes_(codes), height_(height), width_(width), channels_(channels) {}
  [[nodiscard]] std::int64_t at(int n, int y, int x, int c) const {
    if (y < 0 || x < 0 || y >= height_ || x >= width_) return 0;
    const std::int64_t index = ((std::int64_t{n} * height_ + y) * width_ + x) * channels_ + c;
    return std::int64_t{codes_.q[static_cast<std::size_t>(index)]} - codes_.zero_point;
  }

 private:
  Codes<Code> codes_;
  int height_, width_, channels_;
};

[[nodiscard]] inline ImageView<std::uint8_t> weights_view(const ConvShape& s,
                                                          const Codes<std::uint8_t>& w) {
  return {w, s.kernel_h, s.kernel_w, s.in_c / s.groups};  // at(o, i, j, c)
}

[[nodiscard]] inline std::vector<std::int64_t> forward_oracle(
    const ConvShape& s, const Codes<std::uint8_t>& x, const Codes<std::uint8_t>& w,
    const std::vector<std::int32_t>& bias) {
  const ImageView<std::uint8_t> image(x, s.in_h, s.in_w, s.in_c);
  const auto weight = weights_view(s, w);
  const int per = s.in_c / s.groups;
  std::vector<std::int64_t> out;
  for (std::int64_t flat = 0; flat < s.out_elements(); ++flat) {
    const int o = static_cast<int>(flat % s.out_c);
    const int column = static_cast<int>(flat / s.out_c % s.out_w);
    const int row = static_cast<int>(flat / s.out_c / s.out_w % s.out_h);
    const int n = static_cast<int>(flat / s.out_c / s.out_w / s.out_h);
    const int group = o / (s.out_c / s.groups);
    std::int64_t sum = bias.empty() ? 0 : bias[static_cast<std::size_t>(o)];
    for (int k = 0; k < s.reduction(); ++k) {
      const int c = k % per;
      const int j = k / per % s.kernel_w;
      const int i = k / per / s.kernel_w;
      sum += weight.at(o, i, j, c) * image.at(n, row * s.stride_h - s.pad_h + i * s.dilation_h,
                                              column * s.stride_w - s.pad_w + j * s.dilation_w,
                                              group * per + c);
    }
    out.push_back(sum);
  }
  return out;
}

// The kernel tap with output * stride - pad + tap * dilation == input, or -1.
[[nodiscard]] inline int tap(int input, int output, int stride, int pad, int dilation, int kernel) {
  for (int t = 0; t < kernel; ++t)
    if (output * stride - pad + t * dilation == input) return t;
  return -1;
}

[[nodiscard]] inline std::vector<std::int64_t> data_gradient_oracle(const ConvShape& s,
                                                                    const Codes<std::uint8_t>& g,
                                                                    const Codes<std::uint8_t>& w) {
  const ImageView<std::uint8_t> gradient(g, s.out_h, s.out_w, s.out_c);
  const auto weight = weights_view(s, w);
  const int per_in = s.in_c / s.groups;
  const int per_out = s.out_c / s.groups;
  std::vector<std::int64_t> dx;
  for (int n = 0; n < s.batch; ++n)
    for (int v = 0; v < s.in_h; ++v)
      for (int u = 0; u < s.in_w; ++u)
        for (int c = 0; c < s.in_c; ++c) {
          std::int64_t sum = 0;
          for (int y = 0; y < s.out_h; ++y) {
            const int i = tap(v, y, s.stride_h, s.pad_h, s.dilation_h, s.kernel_h);
            for (int x = 0; i >= 0 && x < s.out_w; ++x) {
              const int j = tap(u, x, s.stride_w, s.pad_w, s.dilation_w, s.kernel_w);
              for (int o = 0; j >= 0 && o < per_out; ++o)
                sum += gradient.at(n, y, x, c / per_in * per_out + o) *
                       weight.at(c / per_in * per_out + o, i, j, c % per_in);
            }
          }
          dx.push_back(sum);
        }
  return dx;
}

struct WeightGradients {
  std::vector<std::int64_t> weight, bias;
  bool operator==(const WeightGradients&) const = default;
};

template <class Code>
[[nodiscard]] WeightGradients weight_gradient_oracle(const ConvShape& s, const Codes<Code>& g,
                                                     const Codes<std::uint8_t>& x) {
  const ImageView<Code> gradient(g, s.out_h, s.out_w, s.out_c);
  const ImageView<std::uint8_t> image(x, s.in_h, s.in_w, s.in_c);
  const int per = s.in_c / s.groups;
  WeightGradients result;
  for (int o = 0; o < s.out_c; ++o) {
    const int from = o / (s.out_c / s.groups) * per;
    std::int64_t total = 0;
    for (int n = 0; n < s.batch; ++n)
      for (int y = 0; y < s.out_h; ++y)
        for (int c = 0; c < s.out_w; ++c) total += gradient.at(n, y, c, o);
    result.bias.push_back(total);
    for (int i = 0; i < s.kernel_h; ++i)
      for (int j = 0; j < s.kernel_w; ++j)
        for (int c = 0; c < per; ++c) {
          std::int64_t sum = 0;
          for (int n = 0; n < s.batch; ++n)
            for (int y = 0; y < s.out_h; ++y)
              for (int u = 0; u < s.out_w; ++u)
                sum += gradient.at(n, y, u, o) *
                       image.at(n, y * s.stride_h + i * s.dilation_h - s.pad_h,
                                u * s.stride_w + j * s.dilation_w - s.pad_w, from + c);
          result.weight.push_back(sum);
        }
  }
  return result;
}

}  // namespace octet::model::testing
