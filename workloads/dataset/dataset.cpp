#include "workloads/dataset/dataset.hpp"

#include <algorithm>

namespace octet::workloads {

namespace {

std::span<const std::uint8_t> stored(const Dataset& set, long index) {
  const auto size = static_cast<std::size_t>(set.shape.elements());
  return std::span(set.pixels).subspan(static_cast<std::size_t>(index) * size, size);
}

}  // namespace

void Dataset::read(long index, std::span<std::uint8_t> out) const {
  if (source == nullptr) {
    const std::span<const std::uint8_t> image = stored(*this, index);
    std::copy(image.begin(), image.end(), out.begin());
    return;
  }
  read_part(
      index, [this](const Shape& picture) { return centre_part(picture, shape); }, out);
}

void Dataset::read_part(long index, const ChoosePart& choose, std::span<std::uint8_t> out) const {
  if (source == nullptr) {
    resize(stored(*this, index), shape, choose(shape), shape, out);
    return;
  }
  const Picture picture = source->read(index);
  resize(picture.pixels, picture.shape, choose(picture.shape), shape, out);
}

}  // namespace octet::workloads
