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

}  // namespace

template <class Element>
void shortcut_forward(const ShortcutShape& shape, std::span<const Element> x, Element zero,
                      std::span<Element> y) {
  std::fill(y.begin(), y.end(), zero);
  for_each_kept(shape, [&](std::int64_t in, std::int64_t out) {
    std::copy_n(x.begin() + in, shape.in_c, y.begin() + out);
  });
}

template <class Element>
void shortcut_backward(const ShortcutShape& shape, std::span<const Element> dy,
                       std::span<Element> dx) {
  std::fill(dx.begin(), dx.end(), Element{0});
  for_each_kept(shape, [&](std::int64_t in, std::int64_t out) {
    std::copy_n(dy.begin() + out, shape.in_c, dx.begin() + in);
  });
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
