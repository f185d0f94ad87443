#pragma once
#include <cstdint>
#include <span>

#include "model/quant/quantise.hpp"

namespace octet::model {

// Geometry of one convolution over a batch, channels last. A fully connected layer is the case
// height = width = kernel = 1. docs/numerics.md section 5.
struct ConvShape {
  int batch = 1;
  int in_h = 1, in_w = 1, in_c = 1;
  int out_h = 1, out_w = 1, out_c = 1;
  int kernel_h = 1, kernel_w = 1;
  int stride_h = 1, stride_w = 1;
  int pad_h = 0, pad_w = 0;
  int dilation_h = 1, dilation_w = 1;
  int groups = 1;
  [[nodiscard]] int reduction() const { return kernel_h * kernel_w * (in_c / groups); }  // K
  [[nodiscard]] std::int64_t pixels() const { return std::int64_t{batch} * out_h * out_w; }
  [[nodiscard]] std::int64_t in_elements() const {
    return std::int64_t{batch} * in_h * in_w * in_c;
  }
  [[nodiscard]] std::int64_t out_elements() const { return pixels() * out_c; }
  [[nodiscard]] std::int64_t weights() const { return std::int64_t{out_c} * reduction(); }
};

// Codes with their zero point.
template <class Code>
struct Codes {
  std::span<const Code> q;
  std::int32_t zero_point = 0;
};

// out[n][y][x][o] = sum (x - z_x)(w - z_w) + bias[o]; weights [o][i][j][c]. bias may be empty.
// Fits int32 when reduction() <= 33,025 (checked by the caller: model/trainer/widths.hpp).
void conv2d_forward_ref(const ConvShape& shape, const Codes<std::uint8_t>& x,
                        const Codes<std::uint8_t>& w, std::span<const std::int32_t> bias,
                        std::span<std::int32_t> out);
void conv2d_forward(const ConvShape& shape, const Codes<std::uint8_t>& x,
                    const Codes<std::uint8_t>& w, std::span<const std::int32_t> bias,
                    std::span<std::int32_t> out);

// dx[n][v][u][c] = sum (g - z_g)(w - z_w) over the outputs that read that input.
void conv2d_data_gradient_ref(const ConvShape& shape, const Codes<std::uint8_t>& g,
                              const Codes<std::uint8_t>& w, std::span<std::int32_t> dx);
void conv2d_data_gradient(const ConvShape& shape, const Codes<std::uint8_t>& g,
                          const Codes<std::uint8_t>& w, std::span<std::int32_t> dx);

// dw[o][i][j][c] = sum over n, y, x of (g - z_g)(x - z_x); db[o] = sum (g - z_g) unless empty.
// Code is std::uint8_t or std::uint16_t.
template <class Code>
void conv2d_weight_gradient_ref(const ConvShape& shape, const Codes<Code>& g,
                                const Codes<std::uint8_t>& x, std::span<std::int64_t> dw,
                                std::span<std::int64_t> db);
template <class Code>
void conv2d_weight_gradient(const ConvShape& shape, const Codes<Code>& g,
                            const Codes<std::uint8_t>& x, std::span<std::int64_t> dw,
                            std::span<std::int64_t> db);

}  // namespace octet::model
