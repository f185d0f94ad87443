#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "workloads/dataset/picture.hpp"

namespace octet::workloads {
namespace {

using Bytes = std::vector<std::uint8_t>;

Bytes random_pixels(const Shape& shape, std::mt19937& random) {
  Bytes pixels(static_cast<std::size_t>(shape.elements()));
  for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random());
  return pixels;
}

Bytes resized(const Bytes& pixels, const Shape& picture, const Rect& part, const Shape& out) {
  Bytes result(static_cast<std::size_t>(out.elements()));
  resize(pixels, picture, part, out, result);
  return result;
}

int below(std::mt19937& random, int count) {
  return static_cast<int>(random() % static_cast<unsigned>(count));
}

// A random part of a picture.
Rect random_part(const Shape& picture, std::mt19937& random) {
  Rect part;
  part.height = 1 + below(random, picture.height);
  part.width = 1 + below(random, picture.width);
  part.top = below(random, picture.height - part.height + 1);
  part.left = below(random, picture.width - part.width + 1);
  return part;
}

// The definition in real numbers, both directions at once, not rounded in between.
double oracle(const Bytes& pixels, const Shape& picture, const Rect& part, const Shape& out, int y,
              int x, int c) {
  const auto weight = [](int i, int inputs, int results, int j) {
    const double scale = static_cast<double>(inputs) / results;
    const double away = std::abs((i + 0.5) * scale - (j + 0.5)) / std::max(1.0, scale);
    return std::max(0.0, 1.0 - away);
  };
  double sum = 0;
  double total = 0;
  for (int v = 0; v < part.height; ++v)
    for (int u = 0; u < part.width; ++u) {
      const double w = weight(y, part.height, out.height, v) * weight(x, part.width, out.width, u);
      const int at = ((part.top + v) * picture.width + part.left + u) * picture.channels + c;
      sum += w * pixels[static_cast<std::size_t>(at)];
      total += w;
    }
  return sum / total;
}

TEST(Resize, AgreesWithTheDefinitionInRealNumbers) {
  for (std::uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const Shape picture{1 + below(random, 30), 1 + below(random, 30), 1 + below(random, 3)};
    const Shape out{1 + below(random, 20), 1 + below(random, 20), picture.channels};
    const Bytes pixels = random_pixels(picture, random);
    const Rect part = random_part(picture, random);
    const Bytes result = resized(pixels, picture, part, out);
    std::size_t i = 0;
    for (int y = 0; y < out.height; ++y)
      for (int x = 0; x < out.width; ++x)
        for (int c = 0; c < out.channels; ++c)  // two roundings to bytes, weights to 2^-14
          ASSERT_NEAR(result[i++], oracle(pixels, picture, part, out, y, x, c), 1.05);
  }
}

TEST(Resize, APartOfTheSameSizeIsCopied) {
  std::mt19937 random(1);
  const Shape picture{9, 7, 3};
  const Bytes pixels = random_pixels(picture, random);
  EXPECT_EQ(resized(pixels, picture, {0, 0, 9, 7}, picture), pixels);
  const Bytes part = resized(pixels, picture, {2, 3, 4, 2}, {4, 2, 3});
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t i = 0; i < 6; ++i)
      EXPECT_EQ(part[y * 6 + i], pixels[((y + 2) * 7 + 3) * 3 + i]);
}

TEST(Resize, OneColourStaysWhatItIs) {
  for (std::uint32_t seed = 1; seed <= 100; ++seed) {
    std::mt19937 random(seed);
    const Shape picture{1 + below(random, 300), 1 + below(random, 300), 1};
    const Shape out{1 + below(random, 100), 1 + below(random, 100), 1};
    const auto colour = static_cast<std::uint8_t>(random());
    const Bytes pixels(static_cast<std::size_t>(picture.elements()), colour);
    const Bytes result = resized(pixels, picture, random_part(picture, random), out);
    ASSERT_EQ(std::count(result.begin(), result.end(), colour), out.elements()) << "seed " << seed;
  }
}

// Half the size: weights 1 3 3 1 of 8, exact in 2^-14, a half rounded up.
TEST(Resize, HalvesByHand) {
  std::mt19937 random(3);
  const int n = 50;
  for (const bool down : {false, true}) {
    const Shape picture = down ? Shape{2 * n, 1, 1} : Shape{1, 2 * n, 1};
    const Shape out = down ? Shape{n, 1, 1} : Shape{1, n, 1};
    const Bytes p = random_pixels(picture, random);
    const Bytes result = resized(p, picture, {0, 0, picture.height, picture.width}, out);
    for (std::size_t i = 1; i + 1 < static_cast<std::size_t>(n); ++i)
      ASSERT_EQ(result[i], (p[2 * i - 1] + 3 * p[2 * i] + 3 * p[2 * i + 1] + p[2 * i + 2] + 4) / 8);
    // At the edge 3 3 1 of 7: 2^14 3/7 = 7021.7 and 2^14 6/7 = 14043.4 are rounded sums.
    EXPECT_EQ(result[0], (7022 * p[0] + 7021 * p[1] + 2341 * p[2] + 8192) >> 14);
  }
}

TEST(Resize, DoublesByHand) {
  const Bytes p = {10, 50, 90};
  EXPECT_EQ(resized(p, {1, 3, 1}, {0, 0, 1, 3}, {1, 6, 1}), (Bytes{10, 20, 40, 60, 80, 90}));
}

TEST(CentrePart, ByHand) {
  EXPECT_EQ(centre_part({375, 500, 3}, {224, 224, 3}), (Rect{23, 86, 328, 328}));
  EXPECT_EQ(centre_part({500, 375, 3}, {224, 224, 3}), (Rect{86, 23, 328, 328}));
  EXPECT_EQ(centre_part({256, 256, 3}, {224, 224, 3}), (Rect{16, 16, 224, 224}));
  EXPECT_EQ(centre_part({256, 256, 3}, {32, 64, 3}), (Rect{72, 16, 112, 224}));
  EXPECT_EQ(centre_part({1, 1, 3}, {224, 224, 3}), (Rect{0, 0, 1, 1}));
  EXPECT_EQ(centre_part({1, 4000, 3}, {224, 224, 3}), (Rect{0, 1999, 1, 1}));
}

TEST(CentrePart, LiesInsideInTheProportionsOfTheInput) {
  for (std::uint32_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937 random(seed);
    const Shape picture{1 + below(random, 1000), 1 + below(random, 1000), 3};
    const Shape out{1 + below(random, 300), 1 + below(random, 300), 3};
    const Rect part = centre_part(picture, out);
    ASSERT_GE(part.top, 0);
    ASSERT_GE(part.left, 0);
    ASSERT_GE(part.height, 1);
    ASSERT_GE(part.width, 1);
    ASSERT_LE(part.top + part.height, picture.height);
    ASSERT_LE(part.left + part.width, picture.width);
    const double high = static_cast<double>(picture.height) / out.height;
    const double wide = static_cast<double>(picture.width) / out.width;
    const double scale = 0.875 * std::min(high, wide);
    const double most =
        1.0 + std::max(out.height, out.width) / (1.0 * std::min(out.height, out.width));
    EXPECT_NEAR(part.height, std::max(1.0, scale * out.height), most) << "seed " << seed;
    EXPECT_NEAR(part.width, std::max(1.0, scale * out.width), most) << "seed " << seed;
  }
}

}  // namespace
}  // namespace octet::workloads
