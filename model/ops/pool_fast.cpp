#include "model/ops/pool_fast.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

// body(first element of the output pixel, first element of the input pixel, whether it is the
// window's first) for all pixels of all windows that lie in the image, windows in order.
template <class Body>
void for_each_pixel(const PoolShape& s, Body body) {
  std::int64_t out = 0;
  for (int n = 0; n < s.batch; ++n)
    for (int row = 0; row < s.out_h; ++row)
      for (int column = 0; column < s.out_w; ++column, out += s.channels) {
        bool first = true;
        for (int i = 0; i < s.kernel_h; ++i)
          for (int j = 0; j < s.kernel_w; ++j) {
            const int v = row * s.stride_h + i - s.pad_h;
            const int u = column * s.stride_w + j - s.pad_w;
            if (v < 0 || v >= s.in_h || u < 0 || u >= s.in_w) continue;
            body(out, ((std::int64_t{n} * s.in_h + v) * s.in_w + u) * s.channels, first);
            first = false;
          }
      }
}

// body(image, first element of the output line, line) for all output pixels, in lines whose windows
// have the same taps inside of the image; offsets are from the image's start.
template <class Body>
void for_each_line(const PoolShape& s, Body body) {
  std::vector<std::ptrdiff_t> offsets;
  std::vector<std::uint16_t> indices;
  const auto taps_at = [&](int row, int column) {
    offsets.clear();
    indices.clear();
    for (int i = 0; i < s.kernel_h; ++i)
      for (int j = 0; j < s.kernel_w; ++j) {
        const int v = row * s.stride_h + i - s.pad_h;
        const int u = column * s.stride_w + j - s.pad_w;
        if (v < 0 || v >= s.in_h || u < 0 || u >= s.in_w) continue;
        offsets.push_back((std::ptrdiff_t{v} * s.in_w + u) * s.channels);
        indices.push_back(static_cast<std::uint16_t>(i * s.kernel_w + j));
      }
  };
  // Columns [inner, outer): no tap left or right of the image.
  const int inner = std::min(s.out_w, (s.pad_w + s.stride_w - 1) / s.stride_w);
  const int space = s.in_w + s.pad_w - s.kernel_w;
  const int outer = std::max(inner, space < 0 ? 0 : std::min(s.out_w, space / s.stride_w + 1));
  std::int64_t out = 0;
  for (int n = 0; n < s.batch; ++n)
    for (int row = 0; row < s.out_h; ++row)
      for (int column = 0; column < s.out_w;) {
        const int pixels = column == inner && outer > inner ? outer - inner : 1;
        taps_at(row, column);
        body(n, out,
             PoolLine{offsets.data(), indices.data(), static_cast<int>(offsets.size()), pixels,
                      s.channels, std::ptrdiff_t{s.stride_w} * s.channels});
        column += pixels;
        out += std::int64_t{pixels} * s.channels;
      }
}

std::ptrdiff_t image_of(const PoolShape& s) { return std::ptrdiff_t{s.in_h} * s.in_w * s.channels; }

}  // namespace

void max_pool_forward(const PoolShape& s, std::span<const std::uint8_t> x,
                      std::span<std::uint8_t> y, std::span<std::uint16_t> winners) {
  for_each_line(s, [&](int n, std::int64_t out, const PoolLine& line) {
    kernels().pool_maximum(line, x.data() + n * image_of(s), y.data() + out, winners.data() + out);
  });
}

std::optional<Extremes> max_pool_backward(const PoolShape& s, std::span<const std::int32_t> dy,
                                          std::span<const std::uint16_t> winners,
                                          const ConvMask& mask, std::span<std::int32_t> dx) {
  const bool apart = s.stride_h >= s.kernel_h && s.stride_w >= s.kernel_w;
  const bool whole = s.pad_h == 0 && s.pad_w == 0 && s.out_h * s.kernel_h == s.in_h &&
                     s.out_w * s.kernel_w == s.in_w && apart;
  if (!whole) std::fill(dx.begin(), dx.end(), 0);
  Extremes found{std::numeric_limits<std::int32_t>::max(),
                 std::numeric_limits<std::int32_t>::min()};
  for_each_line(s, [&](int n, std::int64_t out, const PoolLine& line) {
    kernels().pool_gradient({line, dy.data() + out, winners.data() + out,
                             mask.codes.empty() ? nullptr : mask.codes.data() + out,
                             mask.zero_point, !whole, dx.data() + n * image_of(s), &found.low,
                             &found.high});
  });
  if (!apart) return std::nullopt;
  if (whole && s.kernel_h * s.kernel_w == 1) return found;
  return Extremes{std::min(found.low, 0), std::max(found.high, 0)};
}

void avg_pool_forward(const PoolShape& s, std::span<const std::uint8_t> x, std::int32_t zero_point,
                      std::span<std::int32_t> y) {
  std::fill(y.begin(), y.end(), 0);
  for_each_pixel(s, [&](std::int64_t out, std::int64_t in, bool /*first*/) {
    kernels().accumulate_codes(x.data() + in, zero_point, static_cast<std::size_t>(s.channels),
                               y.data() + out);
  });
}

void avg_pool_backward(const PoolShape& s, std::span<const std::int32_t> dy,
                       std::span<std::int32_t> dx) {
  std::fill(dx.begin(), dx.end(), 0);
  for_each_pixel(s, [&](std::int64_t out, std::int64_t in, bool /*first*/) {
    kernels().accumulate(dy.data() + out, static_cast<std::size_t>(s.channels), dx.data() + in);
  });
}

}  // namespace octet::model
