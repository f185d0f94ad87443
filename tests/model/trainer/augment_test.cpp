#include "model/trainer/augment.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

#include "model/quant/random_bits.hpp"

namespace octet::model {
namespace {

using workloads::Rect;
using workloads::Shape;
using CropBits = std::array<std::uint16_t, kCropFlipBits>;
using PartBits = std::array<std::uint16_t, kResizedCropBits>;

TEST(ChooseCrop, ByHand) {
  EXPECT_EQ(choose_crop(CropBits{0, 0, 0, 0}, 4), (Crop{0, 0, false}));
  EXPECT_EQ(choose_crop(CropBits{65535, 65535, 65535, 65535}, 4), (Crop{8, 8, true}));
  // 65536 / 9 = 7281.8: 7281 is the last of the first value
  EXPECT_EQ(choose_crop(CropBits{7281, 7282, 32767, 65535}, 4), (Crop{0, 1, false}));
  EXPECT_EQ(choose_crop(CropBits{65535, 0, 32768, 0}, 0), (Crop{0, 0, true}));
}

// With the bits that training uses: every pair of offsets, and the mirror, as often as the others.
TEST(ChooseCrop, EveryCropIsEquallyLikely) {
  constexpr int kImages = 162'000;
  std::vector<std::uint16_t> bits(kCropFlipBits * kImages);
  fill_random_bits({1, 0, kAugmentStream}, 0, bits.data(), bits.size());
  std::vector<int> count(162);
  for (std::size_t p = 0; p < kImages; ++p) {
    const Crop crop =
        choose_crop(std::span(bits).subspan(kCropFlipBits * p).first<kCropFlipBits>(), 4);
    ++count[static_cast<std::size_t>((crop.y * 9 + crop.x) * 2 + (crop.mirror ? 1 : 0))];
  }
  double chi = 0;
  for (const int each : count) chi += (each - 1000.0) * (each - 1000.0) / 1000.0;
  // 161 degrees of freedom: mean 161, deviation sqrt(322)
  EXPECT_NEAR(chi, 161, 4 * std::sqrt(322.0));
}

// Each pixel by the page's formula.
TEST(CropFlip, IsTheShiftedImageWithABlackBorder) {
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int count) {
      return static_cast<int>(random() % static_cast<unsigned>(count));
    };
    const Shape shape{1 + below(12), 1 + below(12), 1 + below(4)};
    const int pad = below(seed % 3 == 0 ? 20 : 5);
    const Crop crop{below(2 * pad + 1), below(2 * pad + 1), random() % 2 == 1};
    std::vector<std::uint8_t> image(static_cast<std::size_t>(shape.elements()));
    for (auto& pixel : image) pixel = static_cast<std::uint8_t>(1 + random() % 255);
    std::vector<std::uint8_t> out(image.size(), 99);
    crop_flip(image, shape, pad, crop, out);
    for (int i = 0; i < shape.height; ++i)
      for (int j = 0; j < shape.width; ++j)
        for (int c = 0; c < shape.channels; ++c) {
          const int row = i + crop.y - pad;
          const int column = (crop.mirror ? shape.width - 1 - j : j) + crop.x - pad;
          const bool inside = row >= 0 && row < shape.height && column >= 0 && column < shape.width;
          const auto at = [&](int y, int x) {
            return static_cast<std::size_t>((y * shape.width + x) * shape.channels + c);
          };
          ASSERT_EQ(out[at(i, j)], inside ? image[at(row, column)] : 0)
              << "seed " << seed << " row " << i << " column " << j;
        }
  }
}

TEST(CropFlip, TheMiddleIsTheImageItself) {
  const Shape shape{3, 2, 3};
  std::vector<std::uint8_t> image(18);
  for (std::size_t i = 0; i < image.size(); ++i) image[i] = static_cast<std::uint8_t>(i);
  std::vector<std::uint8_t> out(18);
  crop_flip(image, shape, 4, {4, 4, false}, out);
  EXPECT_EQ(out, image);
  crop_flip(image, shape, 4, {4, 4, true}, out);
  EXPECT_EQ(out, (std::vector<std::uint8_t>{3, 4, 5, 0, 1, 2, 9, 10, 11, 6, 7, 8, 15, 16, 17, 12,
                                            13, 14}));
}

PartBits attempt(std::size_t k, std::array<std::uint16_t, 4> own, PartBits bits = {}) {
  std::copy(own.begin(), own.end(), bits.begin() + static_cast<std::ptrdiff_t>(4 * k));
  return bits;
}

TEST(ChoosePart, ByHand) {
  // A = 10000 (0.08 + 0.92 32768.5 / 65536) = 5400.07, q = 1.000004: 73.49 on each side
  EXPECT_EQ(choose_part(attempt(1, {32768, 32768, 65535, 0}), {100, 100, 3}),
            (Rect{27, 0, 73, 73}));
  // A = 800.07, q = 3/4: 24.4960 wide, 32.6609 high
  EXPECT_EQ(choose_part(attempt(1, {0, 0, 0, 65535}), {100, 100, 3}), (Rect{0, 76, 33, 24}));
  // the whole area at 4:3 does not fit into a square; the second attempt does
  const PartBits second = attempt(2, {32768, 32768, 0, 0}, attempt(1, {65535, 65535, 0, 0}));
  EXPECT_EQ(choose_part(second, {100, 100, 3}), (Rect{0, 0, 73, 73}));
}

TEST(ChoosePart, LongAndNarrowPictures) {
  PartBits large{};
  for (auto& bits : large) bits = 65535;
  EXPECT_EQ(choose_part(large, {10, 1000, 3}), (Rect{0, 493, 10, 13}));
  EXPECT_EQ(choose_part(large, {1000, 10, 3}), (Rect{493, 0, 13, 10}));
  EXPECT_EQ(choose_part(large, {100, 100, 3}), (Rect{0, 0, 100, 100}));  // within 3:4 to 4:3
  EXPECT_EQ(choose_part(large, {1, 1, 3}), (Rect{0, 0, 1, 1}));
}

TEST(ChoosePart, AreaAndProportionsAreEven) {
  const Shape picture{2000, 3000, 3};
  constexpr int kImages = 20'000;
  double area = 0;
  double skew = 0;
  int mirrored = 0;
  double down = 0;
  for (std::uint64_t p = 0; p < kImages; ++p) {
    PartBits bits;
    fill_random_bits({3, 1, kAugmentStream}, kResizedCropBits * p, bits.data(), bits.size());
    const Rect part = choose_part(bits, picture);
    ASSERT_GE(part.top, 0);
    ASSERT_GE(part.left, 0);
    ASSERT_LE(part.top + part.height, picture.height);
    ASSERT_LE(part.left + part.width, picture.width);
    const double share = 1.0 * part.height * part.width / (2000.0 * 3000.0);
    const double proportion = 1.0 * part.width / part.height;
    ASSERT_GT(share, 0.0795);
    ASSERT_LE(share, 1.0);
    ASSERT_GT(proportion, 0.748);
    ASSERT_LT(proportion, 1.336);
    if (share < 0.5) {  // such parts fit whatever their proportions: none was drawn again
      area += 1;
      skew += std::log(proportion);
      down += part.top / (2000.0 - part.height) - 0.5;
    }
    mirrored += choose_mirror(bits) ? 1 : 0;
  }
  EXPECT_NEAR(mirrored, kImages / 2, 4 * std::sqrt(kImages / 4.0));
  // ln q is even on (-0.2877, 0.2877), of deviation 0.166; the place on (0, 1), of deviation 0.289
  EXPECT_NEAR(skew / area, 0.0, 4 * 0.166 / std::sqrt(area));
  EXPECT_NEAR(down / area, 0.0, 4 * 0.289 / std::sqrt(area));
  // A part of share a > 1/2 fits where q >= 3 a / 2. Of shares even on (0.08, 1) and ln q even,
  // those that fit are 0.42 below a half and the integral of (ln(4/3) - ln(3 a / 2)) / (2 ln(4/3))
  // over (1/2, 8/9), 0.1759, above: 0.7048 of them are below.
  EXPECT_NEAR(area / kImages, 0.7048, 4 * std::sqrt(0.7048 * 0.2952 / kImages));
}

}  // namespace
}  // namespace octet::model
