#include "model/ops/activation_quads.hpp"

#include <algorithm>
#include <cstring>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

constexpr int kCopy = 16;         // bytes
constexpr int kLinePixels = 256;  // pixels that a product without window takes as one line

// A product without window sees no image: its pixels in lines as long as divides them.
ConvShape in_lines(ConvShape s) {
  if (s.kernel_h != 1 || s.kernel_w != 1 || s.stride_h != 1 || s.stride_w != 1 || s.pad_h != 0 ||
      s.pad_w != 0)
    return s;
  const int pixels = s.batch * s.in_h * s.in_w;
  int line = std::min(pixels, kLinePixels);
  while (pixels % line != 0) --line;
  s.batch = pixels / line;
  s.in_h = s.out_h = 1;
  s.in_w = s.out_w = line;
  return s;
}

}  // namespace

ActivationQuads::ActivationQuads(const ConvShape& shape, int group, std::int32_t zero_point)
    : shape_(in_lines(shape)), group_(group), zero_point_(zero_point) {
  const ConvShape& s = shape_;
  const int run = s.kernel_w * s.in_c;
  shared_ = s.groups == 1 && s.in_c % 16 == 0;
  line_columns_ = shared_ ? run : (s.reduction() + 15) / 16 * 16;
  const int height = s.in_h + 2 * s.pad_h;
  phase_lines_ = (height + s.stride_h - 1) / s.stride_h;
  stored_lines_ = shared_ ? phase_lines_ * s.stride_h : s.out_h;
  const std::ptrdiff_t line_bytes = line_quads() * quad_bytes();
  for (int i = 0; i < (shared_ ? s.kernel_h : 1); ++i) {
    const std::ptrdiff_t line = stored_line(i * s.dilation_h);
    for (int e = 0; e < line_columns_; e += 16)
      columns_.push_back((shared_ ? line * line_bytes : 0) + std::ptrdiff_t{4} * e);
  }
  bordered_.resize(static_cast<std::size_t>(height) * (s.in_w + 2 * s.pad_w) * s.in_c + kCopy);
  line_sums_.resize(static_cast<std::size_t>(stored_lines_) * line_columns_);
  if (!shared_) windows_.resize(static_cast<std::size_t>(line_columns_) * s.out_w + kCopy);
}

void ActivationQuads::fill_border(const std::uint8_t* image) const {
  const ConvShape& s = shape_;
  const std::size_t row = static_cast<std::size_t>(s.in_w) * s.in_c;
  const std::size_t side = static_cast<std::size_t>(s.pad_w) * s.in_c;
  std::uint8_t* at = bordered_.data();
  const std::size_t wide = row + 2 * side;
  std::memset(at, zero_point_, wide * s.pad_h);
  at += wide * static_cast<std::size_t>(s.pad_h);
  for (int y = 0; y < s.in_h; ++y, at += wide, image += row) {
    std::memset(at, zero_point_, side);
    std::memcpy(at + side, image, row);
    std::memset(at + side + row, zero_point_, side);
  }
  std::memset(at, zero_point_, wide * s.pad_h);
}

void ActivationQuads::fill(const std::uint8_t* image, std::uint8_t* quads,
                           std::int64_t* sums) const {
  const ConvShape& s = shape_;
  fill_border(image);
  if (shared_)
    fill_lines(quads);
  else
    fill_windows(quads);
  for (int i = 0; i < (shared_ ? s.kernel_h : 1); ++i) {
    const std::int32_t* line =
        line_sums_.data() + (shared_ ? stored_line(i * s.dilation_h) * line_columns_ : 0);
    for (int y = 0; y < s.out_h; ++y, line += line_columns_)
      for (int e = 0; e < line_columns_; ++e) sums[i * line_columns_ + e] += line[e];
  }
}

void ActivationQuads::fill_lines(std::uint8_t* quads) const {
  const ConvShape& s = shape_;
  const std::ptrdiff_t wide = std::ptrdiff_t{s.in_w + 2 * s.pad_w} * s.in_c;
  for (int y = 0; y < s.in_h + 2 * s.pad_h; ++y) {
    const std::ptrdiff_t line = stored_line(y);
    kernels().quads({bordered_.data() + y * wide, std::ptrdiff_t{s.stride_w} * s.in_c, s.out_w,
                     s.kernel_w, std::ptrdiff_t{s.dilation_w} * s.in_c, s.in_c,
                     quads + line * line_quads() * quad_bytes(), quad_bytes(),
                     line_sums_.data() + line * line_columns_});
  }
}

void ActivationQuads::fill_windows(std::uint8_t* quads) const {
  const ConvShape& s = shape_;
  const int depth = s.in_c / s.groups;
  const std::ptrdiff_t wide = std::ptrdiff_t{s.in_w + 2 * s.pad_w} * s.in_c;
  // Neighbouring kernel columns are neighbours in memory too: one copy a kernel row.
  const bool whole = s.groups == 1 && s.dilation_w == 1;
  const int run = whole ? s.kernel_w * depth : depth;
  for (int y = 0; y < s.out_h; ++y) {
    const std::uint8_t* line =
        bordered_.data() + y * s.stride_h * wide + std::ptrdiff_t{group_} * depth;
    for (int x = 0; x < s.out_w; ++x) {
      std::uint8_t* to = windows_.data() + std::ptrdiff_t{x} * line_columns_;
      const std::uint8_t* from = line + std::ptrdiff_t{x} * s.stride_w * s.in_c;
      for (int i = 0; i < s.kernel_h; ++i)
        for (int j = 0; j < (whole ? 1 : s.kernel_w); ++j, to += run) {
          const std::uint8_t* at =
              from + i * s.dilation_h * wide + std::ptrdiff_t{j} * s.dilation_w * s.in_c;
          // A copy of fixed size is one instruction; what it writes too much, the next overwrites.
          if (run <= kCopy)
            std::memcpy(to, at, kCopy);
          else
            std::memcpy(to, at, static_cast<std::size_t>(run));
        }
    }
    kernels().quads({windows_.data(), line_columns_, s.out_w, 1, 0, line_columns_,
                     quads + std::ptrdiff_t{y} * line_quads() * quad_bytes(), quad_bytes(),
                     line_sums_.data() + std::ptrdiff_t{y} * line_columns_});
  }
}

}  // namespace octet::model
