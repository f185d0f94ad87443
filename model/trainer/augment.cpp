#include "model/trainer/augment.hpp"

#include <algorithm>
#include <cmath>

namespace octet::model {
namespace {

constexpr int kAttempts = 10;  // at a part that lies inside the picture

// floor(bits count / 2^16): one of `count` values.
int choose(std::uint16_t bits, std::int64_t count) {
  return static_cast<int>((bits * count) >> 16);
}

int nearest(double value) { return static_cast<int>(std::floor(value + 0.5)); }

}  // namespace

Crop choose_crop(std::span<const std::uint16_t, kCropFlipBits> bits, int pad) {
  return {choose(bits[0], 2 * pad + 1), choose(bits[1], 2 * pad + 1), (bits[2] >> 15) != 0};
}

void crop_flip(std::span<const std::uint8_t> image, const workloads::Shape& shape, int pad,
               const Crop& crop, std::span<std::uint8_t> out) {
  const int down = crop.y - pad;  // out(y, x) is image(y + down, x + right)
  const int right = crop.x - pad;
  const int first = std::clamp(-right, 0, shape.width);  // columns of `out` inside the image
  const int last = std::clamp(shape.width - right, first, shape.width);
  const auto pitch = std::ptrdiff_t{shape.width} * shape.channels;
  for (int y = 0; y < shape.height; ++y) {
    std::uint8_t* row = out.data() + y * pitch;
    const int from = y + down;
    if (from < 0 || from >= shape.height || first == last) {
      std::fill_n(row, pitch, std::uint8_t{0});
      continue;
    }
    const std::uint8_t* source =
        image.data() + from * pitch + std::ptrdiff_t{first + right} * shape.channels;
    std::fill_n(row, std::ptrdiff_t{first} * shape.channels, std::uint8_t{0});
    std::uint8_t* end = std::copy_n(source, std::ptrdiff_t{last - first} * shape.channels,
                                    row + std::ptrdiff_t{first} * shape.channels);
    std::fill(end, row + pitch, std::uint8_t{0});
  }
  if (crop.mirror) mirror(shape, out);
}

workloads::Rect choose_part(std::span<const std::uint16_t, kResizedCropBits> bits,
                            const workloads::Shape& picture) {
  const double area = static_cast<double>(picture.height) * picture.width;
  for (std::size_t attempt = 1; attempt <= kAttempts; ++attempt) {
    const auto r = bits.subspan(4 * attempt, 4);
    const double wanted = area * (0.08 + 0.92 * (r[0] + 0.5) / 65536.0);
    // v in (-1/7, 1/7): (1 + v) / (1 - v) is 3/4 to 4/3, even in its logarithm to within 1 %.
    const double v = (2 * r[1] - 65535) / (7.0 * 65536.0);
    const double proportion = (1.0 + v) / (1.0 - v);
    const int width = nearest(std::sqrt(wanted * proportion));
    const int height = nearest(std::sqrt(wanted / proportion));
    if (width < 1 || height < 1 || width > picture.width || height > picture.height) continue;
    return {choose(r[2], picture.height - height + 1), choose(r[3], picture.width - width + 1),
            height, width};
  }
  // Long and narrow: the middle, as much as the proportions allow.
  workloads::Rect part{0, 0, picture.height, picture.width};
  if (3 * std::int64_t{picture.width} > 4 * std::int64_t{picture.height})
    part.width = std::max(1, nearest(picture.height * 4.0 / 3.0));
  else if (4 * std::int64_t{picture.width} < 3 * std::int64_t{picture.height})
    part.height = std::max(1, nearest(picture.width * 4.0 / 3.0));
  part.top = (picture.height - part.height) / 2;
  part.left = (picture.width - part.width) / 2;
  return part;
}

bool choose_mirror(std::span<const std::uint16_t, kResizedCropBits> bits) {
  return (bits[0] >> 15) != 0;
}

void mirror(const workloads::Shape& shape, std::span<std::uint8_t> image) {
  const auto channels = std::ptrdiff_t{shape.channels};
  for (int y = 0; y < shape.height; ++y) {
    std::uint8_t* left = image.data() + y * shape.width * channels;
    std::uint8_t* right = left + (shape.width - 1) * channels;
    for (; left < right; left += channels, right -= channels)
      std::swap_ranges(left, left + channels, right);
  }
}

}  // namespace octet::model
