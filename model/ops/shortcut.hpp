#pragma once
#include <cstdint>
#include <span>

namespace octet::model {

// The parameter-free shortcut of a residual network that changes its shape (He et al., CVPR 2016,
// section 4.2, "option A"): every stride-th pixel of [batch][in_h][in_w][in_c], with new channels
// of zeros on both sides, to [batch][out_h][out_w][out_c]. out_h = ceil(in_h / stride_h), out_w
// likewise, out_c >= in_c. docs/numerics.md section 7.
struct ShortcutShape {
  int batch = 1;
  int in_h = 1, in_w = 1, in_c = 1;
  int out_h = 1, out_w = 1, out_c = 1;
  int stride_h = 1, stride_w = 1;
  // The first output channel that is an input channel; the rest of the new ones come last.
  [[nodiscard]] int first_channel() const { return (out_c - in_c) / 2; }
};

// y = x moved, `zero` (the zero point of codes) in the new channels. Element: std::uint8_t, float.
template <class Element>
void shortcut_forward(const ShortcutShape& shape, std::span<const Element> x, Element zero,
                      std::span<Element> y);
// dx = dy moved back, 0 at the pixels that the forward pass left out; what reached the new channels
// is dropped. Element: std::int32_t (wide), float.
template <class Element>
void shortcut_backward(const ShortcutShape& shape, std::span<const Element> dy,
                       std::span<Element> dx);

}  // namespace octet::model
