#include "model/ops/activation_quads.hpp"

#include <algorithm>
#include <cstring>

namespace octet::model {
namespace {

constexpr int kCopy = 16;         // bytes
constexpr int kBehind = 32;       // bytes that may be read behind the last window
constexpr int kDirectPixel = 4;   // bytes from window to window that still pay
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

// Quads of two lines where that wastes fewer pixels at the line's end and no line is left over.
int pixels_across(const ConvShape& s) {
  const int over = s.out_w % 4;
  return s.out_h % 2 == 0 && (over == 1 || over == 2) ? 2 : 4;
}

}  // namespace

ActivationQuads::ActivationQuads(const ConvShape& shape, int group, std::int32_t zero_point)
    : shape_(in_lines(shape)), group_(group), zero_point_(zero_point) {
  const ConvShape& s = shape_;
  shared_ = s.groups == 1 && s.in_c % 16 == 0;
  direct_ = s.groups == 1 && s.dilation_w == 1 && s.stride_w * s.in_c <= kDirectPixel;
  across_ = shared_ ? pixels_across(s) : 4;
  lines_ = s.out_h / (4 / across_);
  line_columns_ = shared_ ? s.kernel_w * s.in_c : (s.reduction() + 15) / 16 * 16;
  const int height = s.in_h + 2 * s.pad_h;
  phase_lines_ = (height + period() - 1) / period();
  stored_lines_ = shared_ ? phase_lines_ * period() : s.out_h;
  for (int i = 0; i < (shared_ ? s.kernel_h : 1); ++i) {
    Row row = {0, lines_};
    const int top = i * s.dilation_h;
    if (shared_) {
      while (row.first < row.last && is_border(top + row.first * period())) ++row.first;
      while (row.first < row.last && is_border(top + (row.last - 1) * period())) --row.last;
    }
    rows_.push_back(row);
    const std::ptrdiff_t start = shared_ ? stored_line(top) * line_bytes() : 0;
    for (int e = 0; e < line_columns_; e += 16)
      columns_.push_back(
          {start + e / 16 * group_bytes(), row.first * line_quads(), row.last * line_quads()});
  }
  bordered_.resize(
      static_cast<std::size_t>(shared_ ? 4 / across_ : height) * (s.in_w + 2 * s.pad_w) * s.in_c +
          kBehind,
      static_cast<std::uint8_t>(zero_point));
  line_sums_.resize(static_cast<std::size_t>(stored_lines_) * line_columns_);
  if (!shared_ && !direct_)
    windows_.resize(static_cast<std::size_t>(line_columns_) * s.out_w + kCopy);
}

void ActivationQuads::prepare(std::uint8_t* quads) const {
  if (!shared_) return;
  for_stored_lines([&](int y) {
    if (!is_border(y)) return;
    for (int e = 0; e < line_columns_; e += 16)
      std::memset(quads + e / 16 * group_bytes() + stored_line(y) * line_bytes(), 0,
                  static_cast<std::size_t>(line_bytes()));
  });
}

std::uint8_t* ActivationQuads::border_line(const std::uint8_t* image, int y,
                                           std::uint8_t* to) const {
  const ConvShape& s = shape_;
  const std::size_t row = static_cast<std::size_t>(s.in_w) * s.in_c;
  const std::size_t side = static_cast<std::size_t>(s.pad_w) * s.in_c;
  y -= s.pad_h;
  if (y < 0 || y >= s.in_h)
    std::memset(to + side, zero_point_, row);
  else
    std::memcpy(to + side, image + static_cast<std::size_t>(y) * row, row);
  return to + row + 2 * side;
}

void ActivationQuads::fill(const std::uint8_t* image, std::uint8_t* quads) {
  if (shared_) return fill_lines(image, quads);
  std::uint8_t* to = bordered_.data();
  for (int y = 0; y < shape_.in_h + 2 * shape_.pad_h; ++y) to = border_line(image, y, to);
  if (direct_)
    fill_windows(quads);
  else
    copy_windows(quads);
}

void ActivationQuads::move_sums(std::span<std::int64_t> sums) {
  std::int64_t* to = sums.data();
  for (std::size_t i = 0; i < rows_.size(); ++i, to += line_columns_)
    for (int line = rows_[i].first; line < rows_[i].last; ++line) {
      const int y = static_cast<int>(i) * shape_.dilation_h + line * period();
      const std::int32_t* from =
          line_sums_.data() + std::ptrdiff_t{shared_ ? stored_line(y) : line} * line_columns_;
      for (int e = 0; e < line_columns_; ++e) to[e] += from[e];
    }
  std::fill(line_sums_.begin(), line_sums_.end(), 0);
}

void ActivationQuads::fill_lines(const std::uint8_t* image, std::uint8_t* quads) {
  const ConvShape& s = shape_;
  const std::ptrdiff_t wide = std::ptrdiff_t{s.in_w + 2 * s.pad_w} * s.in_c;
  for_stored_lines([&](int y) {
    if (is_border(y)) return;
    const int line = stored_line(y);
    std::uint8_t* to = bordered_.data();
    for (int l = 0; l < 4 / across_; ++l) to = border_line(image, y + l * s.stride_h, to);
    kernels().quads({bordered_.data(),
                     {std::ptrdiff_t{s.stride_w} * s.in_c, wide, s.out_w, across_},
                     s.kernel_w,
                     std::ptrdiff_t{s.dilation_w} * s.in_c,
                     s.in_c,
                     quads + line * line_bytes(),
                     group_bytes(),
                     line_sums_.data() + std::ptrdiff_t{line} * line_columns_});
  });
}

void ActivationQuads::fill_windows(std::uint8_t* quads) {
  const ConvShape& s = shape_;
  const std::ptrdiff_t wide = std::ptrdiff_t{s.in_w + 2 * s.pad_w} * s.in_c;
  kernels().window_quads({bordered_.data(), std::ptrdiff_t{s.stride_w} * s.in_c, s.stride_h * wide,
                          s.dilation_h * wide, s.out_w, s.out_h, s.kernel_h, s.kernel_w * s.in_c,
                          quads, group_bytes(), line_sums_.data()});
}

void ActivationQuads::copy_windows(std::uint8_t* quads) {
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
    kernels().quads({windows_.data(),
                     {line_columns_, 0, s.out_w, 4},
                     1,
                     0,
                     line_columns_,
                     quads + y * line_bytes(),
                     group_bytes(),
                     line_sums_.data() + std::ptrdiff_t{y} * line_columns_});
  }
}

}  // namespace octet::model
