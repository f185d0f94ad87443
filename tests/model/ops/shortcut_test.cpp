#include "model/ops/shortcut.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace octet::model {
namespace {

using Wide = std::vector<std::int32_t>;
using Bytes = std::vector<std::uint8_t>;

TEST(Shortcut, ByHand) {
  // 3x3 pixels of 2 channels, stride 2: the four corners, one channel before and two after.
  const ShortcutShape s{1, 3, 3, 2, 2, 2, 5, 2, 2};
  EXPECT_EQ(s.first_channel(), 1);
  const Bytes x = {1,  2,  3,  4,  5,  6,   //
                   7,  8,  9,  10, 11, 12,  //
                   13, 14, 15, 16, 17, 18};
  Bytes y(20);
  shortcut_forward<std::uint8_t>(s, x, 99, y);
  EXPECT_EQ(y, (Bytes{99, 1,  2,  99, 99, 99, 5,  6,  99, 99,  //
                      99, 13, 14, 99, 99, 99, 17, 18, 99, 99}));
  Wide dy(20);
  for (std::size_t i = 0; i < dy.size(); ++i) dy[i] = -1 - static_cast<std::int32_t>(i);
  Wide dx(18, 7);
  shortcut_backward<std::int32_t>(s, dy, dx);
  EXPECT_EQ(dx, (Wide{-2, -3, 0, 0, -7, -8,  //
                      0, 0, 0, 0, 0, 0,      //
                      -12, -13, 0, 0, -17, -18}));
}

TEST(Shortcut, OfOneShapeIsACopy) {
  const ShortcutShape s{2, 2, 3, 4, 2, 3, 4, 1, 1};
  Bytes x(48);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<std::uint8_t>(i);
  Bytes y(48);
  shortcut_forward<std::uint8_t>(s, x, 255, y);
  EXPECT_EQ(y, x);
}

struct Sizes {
  std::size_t in, out;
};
ShortcutShape random_shape(std::mt19937& random, Sizes& sizes) {
  const auto below = [&random](int most) { return 1 + static_cast<int>(random() % most); };
  ShortcutShape s;
  s.batch = below(3);
  s.in_h = below(7);
  s.in_w = below(7);
  s.in_c = below(5);
  s.stride_h = below(4);
  s.stride_w = below(4);
  s.out_h = (s.in_h + s.stride_h - 1) / s.stride_h;
  s.out_w = (s.in_w + s.stride_w - 1) / s.stride_w;
  s.out_c = s.in_c + below(6) - 1;
  sizes.in = static_cast<std::size_t>(s.batch * s.in_h * s.in_w * s.in_c);
  sizes.out = static_cast<std::size_t>(s.batch * s.out_h * s.out_w * s.out_c);
  return s;
}

// As F.pad(x[:, :, ::s, ::s], (0, 0, 0, 0, (o - i) / 2, (o - i) - (o - i) / 2)), one element at a
// time from its place in the output.
TEST(Shortcut, EveryElementComesFromItsPlace) {
  constexpr unsigned kSeed = 20;
  std::mt19937 random(kSeed);
  for (int trial = 0; trial < 100; ++trial) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", trial " + std::to_string(trial));
    Sizes sizes{};
    const ShortcutShape s = random_shape(random, sizes);
    std::vector<float> x(sizes.in);
    for (float& value : x) value = static_cast<float>(random() % 1000) + 1.0F;
    std::vector<float> y(sizes.out);
    shortcut_forward<float>(s, x, 0.0F, y);
    std::size_t i = 0;
    for (int n = 0; n < s.batch; ++n)
      for (int row = 0; row < s.out_h; ++row)
        for (int column = 0; column < s.out_w; ++column)
          for (int c = 0; c < s.out_c; ++c, ++i) {
            const int from = c - (s.out_c - s.in_c) / 2;
            const int pixel = (n * s.in_h + row * s.stride_h) * s.in_w + column * s.stride_w;
            const bool added = from < 0 || from >= s.in_c;
            ASSERT_EQ(y[i], added ? 0.0F : x[static_cast<std::size_t>(pixel * s.in_c + from)]);
          }
  }
}

// <y, dy> = <x, dx>: the backward pass is the transpose of the forward pass.
TEST(Shortcut, BackwardIsTheTranspose) {
  constexpr unsigned kSeed = 21;
  std::mt19937 random(kSeed);
  for (int trial = 0; trial < 100; ++trial) {
    SCOPED_TRACE("seed " + std::to_string(kSeed) + ", trial " + std::to_string(trial));
    Sizes sizes{};
    const ShortcutShape s = random_shape(random, sizes);
    Bytes x(sizes.in), y(sizes.out);
    Wide dy(sizes.out), dx(sizes.in);
    for (auto& value : x) value = static_cast<std::uint8_t>(random());
    for (auto& value : dy) value = static_cast<std::int32_t>(random() % 2001) - 1000;
    shortcut_forward<std::uint8_t>(s, x, 0, y);
    shortcut_backward<std::int32_t>(s, dy, dx);
    std::int64_t out = 0, in = 0;
    for (std::size_t i = 0; i < y.size(); ++i) out += std::int64_t{y[i]} * dy[i];
    for (std::size_t i = 0; i < x.size(); ++i) in += std::int64_t{x[i]} * dx[i];
    ASSERT_EQ(in, out);
  }
}

}  // namespace
}  // namespace octet::model
