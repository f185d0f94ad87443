#include "model/ops/shortcut.hpp"

#include <algorithm>

namespace octet::model {
namespace {

// pixel(index of the first channel in the input, and of its copy in the output) for each pixel that
// is kept.
template <class Pixel>
void for_each_kept(const ShortcutShape& s, const Pixel& pixel) {
  std::int64_t out = s.first_channel();
  for (int n = 0; n < s.batch; ++n)
    for (int y = 0; y < s.out_h; ++y)
      for (int x = 0; x < s.out_w; ++x, out += s.out_c) {
        const std::int64_t row = std::int64_t{n} * s.in_h + y * s.stride_h;
        pixel((row * s.in_w + x * s.stride_w) * s.in_c, out);
      }
}

std::size_t image_size(int height, int width, int channels) {
  return static_cast<std::size_t>(std::int64_t{height} * width * channels);
}

}  // namespace

// An image at a time, filled and then written over while it is in the cache.
template <class Element>
void shortcut_forward(const ShortcutShape& shape, std::span<const Element> x, Element zero,
                      std::span<Element> y) {
  ShortcutShape one = shape;
  one.batch = 1;
  const std::size_t in = image_size(shape.in_h, shape.in_w, shape.in_c);
  const std::size_t out = image_size(shape.out_h, shape.out_w, shape.out_c);
  for (int n = 0; n < shape.batch; ++n, x = x.subspan(in), y = y.subspan(out)) {
    std::fill_n(y.begin(), out, zero);
    for_each_kept(one, [&](std::int64_t from, std::int64_t to) {
      std::copy_n(x.begin() + from, shape.in_c, y.begin() + to);
    });
  }
}

template <class Element>
void shortcut_backward(const ShortcutShape& shape, std::span<const Element> dy,
                       std::span<Element> dx) {
  ShortcutShape one = shape;
  one.batch = 1;
  const std::size_t in = image_size(shape.in_h, shape.in_w, shape.in_c);
  const std::size_t out = image_size(shape.out_h, shape.out_w, shape.out_c);
  for (int n = 0; n < shape.batch; ++n, dy = dy.subspan(out), dx = dx.subspan(in)) {
    std::fill_n(dx.begin(), in, Element{0});
    for_each_kept(one, [&](std::int64_t to, std::int64_t from) {
      std::copy_n(dy.begin() + from, shape.in_c, dx.begin() + to);
    });
  }
}

template void shortcut_forward<std::uint8_t>(const ShortcutShape&, std::span<const std::uint8_t>,
                                             std::uint8_t, std::span<std::uint8_t>);
template void shortcut_forward<float>(const ShortcutShape&, std::span<const float>, float,
                                      std::span<float>);
template void shortcut_backward<std::int32_t>(const ShortcutShape&, std::span<const std::int32_t>,
                                              std::span<std::int32_t>);
template void shortcut_backward<float>(const ShortcutShape&, std::span<const float>,
                                       std::span<float>);

}  // namespace octet::model
