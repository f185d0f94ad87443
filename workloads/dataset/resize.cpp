#include <algorithm>
#include <cstdlib>

#include "workloads/dataset/picture.hpp"

namespace octet::workloads {

namespace {

constexpr int kWeightBits = 14;  // the weights of one result sum to 2^14

// For each result along one axis, the inputs that it reads and their weights.
struct Taps {
  std::vector<int> first;           // [results]
  std::vector<std::int64_t> begin;  // [results + 1], into weights
  std::vector<std::int32_t> weights;
};

// Triangles centred on each result, in units of 1 / (2 results) of an input pixel: no rounding
// until the weights are brought to their sum.
Taps make_taps(int inputs, int results) {
  Taps taps;
  taps.begin.push_back(0);
  const std::int64_t in = inputs;
  const std::int64_t out = results;
  const std::int64_t reach = 2 * std::max(in, out);
  std::vector<std::int64_t> raw;
  for (std::int64_t i = 0; i < out; ++i) {
    const std::int64_t centre = (2 * i + 1) * in;
    // The first input whose centre (2 j + 1) out lies inside the triangle, and those after it.
    std::int64_t j = std::max<std::int64_t>(0, ((centre - reach) / out - 1) / 2);
    const auto height = [&](std::int64_t at) {
      return reach - std::abs((2 * at + 1) * out - centre);
    };
    while (height(j) <= 0) ++j;
    taps.first.push_back(static_cast<int>(j));
    raw.clear();
    std::int64_t total = 0;
    for (; j < in && height(j) > 0; ++j) {
      raw.push_back(height(j));
      total += raw.back();
    }
    // Rounded sums from the left, so that their differences add up to 2^14.
    std::int64_t sum = 0;
    std::int64_t before = 0;
    for (const std::int64_t each : raw) {
      sum += each;
      const std::int64_t rounded = ((sum << (kWeightBits + 1)) + total) / (2 * total);
      taps.weights.push_back(static_cast<std::int32_t>(rounded - before));
      before = rounded;
    }
    taps.begin.push_back(static_cast<std::int64_t>(taps.weights.size()));
  }
  return taps;
}

// Result i of a row of pixels `step` bytes apart.
std::uint8_t filter(const Taps& taps, std::size_t i, const std::uint8_t* pixels, std::size_t step) {
  const std::uint8_t* at = pixels + static_cast<std::size_t>(taps.first[i]) * step;
  std::int32_t sum = 1 << (kWeightBits - 1);
  for (std::int64_t k = taps.begin[i]; k < taps.begin[i + 1]; ++k, at += step)
    sum += taps.weights[static_cast<std::size_t>(k)] * *at;
  return static_cast<std::uint8_t>(sum >> kWeightBits);
}

}  // namespace

Rect centre_part(const Shape& picture, const Shape& out) {
  const auto most = [](int side) {
    return std::max<std::int64_t>(1, (7 * std::int64_t{side} + 4) / 8);
  };
  // The other side, in the proportions of `out`.
  const auto other = [](std::int64_t side, int own, int others, int limit) {
    const std::int64_t length = (2 * side * others + own) / (2 * std::int64_t{own});
    return static_cast<int>(std::clamp<std::int64_t>(length, 1, limit));
  };
  Rect part;
  if (std::int64_t{picture.height} * out.width <= std::int64_t{picture.width} * out.height) {
    part.height = static_cast<int>(most(picture.height));
    part.width = other(part.height, out.height, out.width, picture.width);
  } else {
    part.width = static_cast<int>(most(picture.width));
    part.height = other(part.width, out.width, out.height, picture.height);
  }
  part.top = (picture.height - part.height) / 2;
  part.left = (picture.width - part.width) / 2;
  return part;
}

void resize(std::span<const std::uint8_t> pixels, const Shape& picture, const Rect& part,
            const Shape& out, std::span<std::uint8_t> result) {
  const auto channels = static_cast<std::size_t>(out.channels);
  const auto width = static_cast<std::size_t>(out.width);
  const auto height = static_cast<std::size_t>(out.height);
  const auto rows = static_cast<std::size_t>(part.height);
  const std::size_t pitch = static_cast<std::size_t>(picture.width) * channels;
  const std::uint8_t* origin = pixels.data() + static_cast<std::size_t>(part.top) * pitch +
                               static_cast<std::size_t>(part.left) * channels;

  const Taps across = make_taps(part.width, out.width);
  std::vector<std::uint8_t> narrow(rows * width * channels);
  for (std::size_t y = 0; y < rows; ++y)
    for (std::size_t x = 0; x < width; ++x)
      for (std::size_t c = 0; c < channels; ++c)
        narrow[(y * width + x) * channels + c] =
            filter(across, x, origin + y * pitch + c, channels);

  const Taps down = make_taps(part.height, out.height);
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t i = 0; i < width * channels; ++i)
      result[y * width * channels + i] = filter(down, y, narrow.data() + i, width * channels);
}

}  // namespace octet::workloads
