#include "model/ops/pool.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <vector>

#include "tests/model/ops/pool_cases.hpp"

namespace octet::model {
namespace {

using Wide = std::vector<std::int32_t>;
using Bytes = std::vector<std::uint8_t>;

PoolShape three_by_three() {  // 3x3 image, 2x2 window, stride 2, border 1: 2x2 out
  return {1, 3, 3, 1, 2, 2, 2, 2, 2, 2, 1, 1};
}

TEST(Pool, MaximumByHand) {
  const Bytes x = {5, 7, 7,  //
                   0, 9, 9,  //
                   3, 9, 0};
  Bytes y(4);
  Wide where(4);
  max_pool_forward_ref(three_by_three(), x, y, where);
  EXPECT_EQ(y, (Bytes{5, 7, 3, 9}));
  EXPECT_EQ(where, (Wide{0, 1, 6, 4}));  // ties: the first in window order
  Wide dx(9);
  max_pool_backward_ref(Wide{10, 20, -30, 40}, where, dx);
  EXPECT_EQ(dx, (Wide{10, 20, 0, 0, 40, 0, -30, 0, 0}));
}

TEST(Pool, BorderNeverWins) {  // all zero: the border would tie or win if it were read
  const Bytes x(9, 0);
  Bytes y(4, 1);
  Wide where(4);
  max_pool_forward_ref(three_by_three(), x, y, where);
  EXPECT_EQ(y, Bytes(4, 0));
  EXPECT_EQ(where, (Wide{0, 1, 3, 4}));
}

TEST(Pool, OverlappingWindowsAddTheirGradients) {
  const PoolShape s{1, 1, 3, 1, 1, 2, 1, 2, 1, 1, 0, 0};
  const Bytes x = {1, 8, 2};
  Bytes y(2);
  Wide where(2), dx(3);
  max_pool_forward_ref(s, x, y, where);
  max_pool_backward_ref(Wide{5, 6}, where, dx);
  EXPECT_EQ(dx, (Wide{0, 11, 0}));
}

TEST(Pool, AverageByHand) {
  const Bytes x = {12, 14, 11, 10, 19, 10, 13, 16, 0};
  Wide y(4);
  avg_pool_forward_ref(three_by_three(), x, 10, y);
  EXPECT_EQ(y, (Wide{2, 4 + 1, 0 + 3, 9 + 0 + 6 - 10}));  // outside counts 0
  Wide dx(9);
  avg_pool_backward_ref(three_by_three(), Wide{1, 2, 3, 4}, dx);
  EXPECT_EQ(dx, (Wide{1, 2, 2, 3, 4, 4, 3, 4, 4}));
}

// The same sets of pixels, found pixel by pixel.
TEST(Pool, RandomShapes) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const PoolShape s = testing::random_pool_shape(random);
    Bytes x(static_cast<std::size_t>(s.batch * s.in_h * s.in_w * s.channels));
    for (auto& value : x) value = static_cast<std::uint8_t>(random() % 6 * 51);
    const auto outs = static_cast<std::size_t>(s.batch * s.out_h * s.out_w * s.channels);
    std::vector<std::vector<std::int32_t>> windows(outs);
    for (std::int32_t in = 0; in < static_cast<std::int32_t>(x.size()); ++in) {
      const int c = in % s.channels;
      const int u = in / s.channels % s.in_w;
      const int v = in / s.channels / s.in_w % s.in_h;
      const int n = in / s.channels / s.in_w / s.in_h;
      for (int row = 0; row < s.out_h; ++row)
        for (int column = 0; column < s.out_w; ++column) {
          const int i = v - (row * s.stride_h - s.pad_h);
          const int j = u - (column * s.stride_w - s.pad_w);
          if (i < 0 || j < 0 || i >= s.kernel_h || j >= s.kernel_w) continue;
          windows[static_cast<std::size_t>(((n * s.out_h + row) * s.out_w + column) * s.channels +
                                           c)]
              .push_back(in);
        }
    }
    Bytes y(outs);
    Wide where(outs), sums(outs), dy(outs), dx(x.size()), expected(x.size());
    max_pool_forward_ref(s, x, y, where);
    avg_pool_forward_ref(s, x, 100, sums);
    for (auto& value : dy) value = static_cast<std::int32_t>(random() % 2001) - 1000;
    for (std::size_t out = 0; out < outs; ++out) {
      std::int32_t best = windows[out].front();
      std::int32_t sum = 0;
      for (const std::int32_t in : windows[out]) {
        sum += x[static_cast<std::size_t>(in)] - 100;
        if (x[static_cast<std::size_t>(in)] > x[static_cast<std::size_t>(best)]) best = in;
        expected[static_cast<std::size_t>(in)] += dy[out];
      }
      ASSERT_EQ(where[out], best) << "seed " << seed;
      ASSERT_EQ(y[out], x[static_cast<std::size_t>(best)]) << "seed " << seed;
      ASSERT_EQ(sums[out], sum) << "seed " << seed;
    }
    avg_pool_backward_ref(s, dy, dx);
    ASSERT_EQ(dx, expected) << "seed " << seed;
  }
}

}  // namespace
}  // namespace octet::model
