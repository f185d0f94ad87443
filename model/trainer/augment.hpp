#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "workloads/dataset/picture.hpp"

// How a training image is varied, from addressed random bits: docs/numerics.md section 10.
namespace octet::model {

// 16-bit words an image takes of the augmentation's stream.
inline constexpr std::size_t kCropFlipBits = 4;
inline constexpr std::size_t kResizedCropBits = 64;

struct Crop {
  int y = 0, x = 0;     // of the bordered image, in [0, 2 pad]
  bool mirror = false;  // left and right
  bool operator==(const Crop&) const = default;
};
[[nodiscard]] Crop choose_crop(std::span<const std::uint16_t, kCropFlipBits> bits, int pad);
// The part of `image` (of `shape`, with a border of `pad` bytes 0 around it) that `crop` says;
// `out` is another buffer of the same size.
void crop_flip(std::span<const std::uint8_t> image, const workloads::Shape& shape, int pad,
               const Crop& crop, std::span<std::uint8_t> out);

// A part of a picture: 8 to 100 % of its area, proportions from 3:4 to 4:3.
[[nodiscard]] workloads::Rect choose_part(std::span<const std::uint16_t, kResizedCropBits> bits,
                                          const workloads::Shape& picture);
[[nodiscard]] bool choose_mirror(std::span<const std::uint16_t, kResizedCropBits> bits);
// Left and right changed in place.
void mirror(const workloads::Shape& shape, std::span<std::uint8_t> image);

}  // namespace octet::model
