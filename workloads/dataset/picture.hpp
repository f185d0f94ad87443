#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "workloads/graph/network.hpp"

namespace octet::workloads {

// One decoded image of any size, channels last.
struct Picture {
  Shape shape;
  std::vector<std::uint8_t> pixels;  // [height][width][channels]
};

// A part of a picture, in pixels; never empty.
struct Rect {
  int top = 0, left = 0, height = 0, width = 0;
  bool operator==(const Rect&) const = default;
};

// What is seen of a picture in testing: the largest centred part of the proportions of `out`, 7/8
// as high and wide (as when the shorter side is brought to 256 and the middle 224 are kept).
[[nodiscard]] Rect centre_part(const Shape& picture, const Shape& out);

// The part of a picture brought to `out`, whose channels are the picture's. Bilinear, with a filter
// as wide as a pixel of the result where that is larger (no aliasing). Integers only, so that every
// machine gives the same bytes: docs/numerics.md section 10. A part of the size of `out` is copied.
void resize(std::span<const std::uint8_t> pixels, const Shape& picture, const Rect& part,
            const Shape& out, std::span<std::uint8_t> result);

}  // namespace octet::workloads
