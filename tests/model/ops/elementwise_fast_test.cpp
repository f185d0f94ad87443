#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"
#include "model/ops/pool_fast.hpp"
#include "model/ops/relu.hpp"
#include "tests/model/ops/pool_cases.hpp"

namespace octet::model {
namespace {

// The place in its window of the element of x at `where`.
std::uint16_t place(const PoolShape& s, std::size_t out, std::int32_t where) {
  const std::int32_t pixel = where / s.channels;
  const auto window = static_cast<std::int32_t>(out) / s.channels;
  const std::int32_t i =
      pixel / s.in_w % s.in_h - (window / s.out_w % s.out_h * s.stride_h - s.pad_h);
  const std::int32_t j = pixel % s.in_w - (window % s.out_w * s.stride_w - s.pad_w);
  return static_cast<std::uint16_t>(i * s.kernel_w + j);
}

TEST(MaxPoolFast, IsTheReference) {
  int apart = 0, tiles = 0;
  for (std::uint32_t seed = 1; seed <= 800; ++seed) {
    std::mt19937 random(seed);
    PoolShape s = testing::random_pool_shape(random);
    if (seed % 4 == 0) {  // windows that tile the image
      s.pad_h = s.pad_w = 0;
      s.stride_h = s.kernel_h;
      s.stride_w = s.kernel_w;
      s.in_h = s.out_h * s.kernel_h;
      s.in_w = s.out_w * s.kernel_w;
      ++tiles;
    }
    std::vector<std::uint8_t> x(static_cast<std::size_t>(s.batch * s.in_h * s.in_w * s.channels));
    const unsigned spread = random() % 2 == 0 ? 3 : 256;  // few codes: many ties
    for (auto& value : x) value = static_cast<std::uint8_t>(random() % spread);
    const auto outs = static_cast<std::size_t>(s.batch * s.out_h * s.out_w * s.channels);
    std::vector<std::uint8_t> expected(outs), found(outs, 7);
    std::vector<std::int32_t> where(outs, -7);
    std::vector<std::uint16_t> expected_winners(outs), winners(outs, 777);
    max_pool_forward_ref(s, x, expected, where);
    for (std::size_t i = 0; i < outs; ++i) expected_winners[i] = place(s, i, where[i]);
    max_pool_forward(s, x, found, winners);
    ASSERT_EQ(found, expected) << "seed " << seed;
    ASSERT_EQ(winners, expected_winners) << "seed " << seed;

    std::vector<std::int32_t> dy(outs), expected_dx(x.size()), dx(x.size(), 77);
    for (auto& value : dy) value = static_cast<std::int32_t>(random() % 20'000'001) - 10'000'000;
    ConvMask mask;
    std::vector<std::int32_t> masked = dy;
    if (random() % 2 == 0) {
      mask = {found, static_cast<std::int32_t>(random() % spread)};
      for (std::size_t i = 0; i < outs; ++i)
        if (found[i] <= mask.zero_point) masked[i] = 0;
    }
    max_pool_backward_ref(masked, where, expected_dx);
    const std::optional<Extremes> extremes = max_pool_backward(s, dy, winners, mask, dx);
    ASSERT_EQ(dx, expected_dx) << "seed " << seed;
    if (!extremes) continue;
    ++apart;
    const Extremes all = extremes_of(dx);
    ASSERT_EQ(extremes->low, all.low) << "seed " << seed;
    ASSERT_EQ(extremes->high, all.high) << "seed " << seed;
  }
  EXPECT_GT(apart, tiles);
}

TEST(AvgPoolFast, IsTheReference) {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    const PoolShape s = testing::random_pool_shape(random);
    std::vector<std::uint8_t> x(static_cast<std::size_t>(s.batch * s.in_h * s.in_w * s.channels));
    for (auto& value : x) value = static_cast<std::uint8_t>(random());
    const auto outs = static_cast<std::size_t>(s.batch * s.out_h * s.out_w * s.channels);
    std::vector<std::int32_t> expected(outs, -7), found(outs, 7);
    const auto zero = static_cast<std::int32_t>(random() % 256);
    avg_pool_forward_ref(s, x, zero, expected);
    avg_pool_forward(s, x, zero, found);
    ASSERT_EQ(found, expected) << "seed " << seed;

    std::vector<std::int32_t> dy(outs), expected_dx(x.size(), -7), dx(x.size(), 7);
    for (auto& value : dy) value = static_cast<std::int32_t>(random() % 20'000'001) - 10'000'000;
    avg_pool_backward_ref(s, dy, expected_dx);
    avg_pool_backward(s, dy, dx);
    ASSERT_EQ(dx, expected_dx) << "seed " << seed;
  }
}

TEST(ReluBackwardFast, IsTheReference) {
  std::mt19937 random(2);
  for (std::size_t count = 0; count < 300; ++count) {
    std::vector<std::int32_t> dy(count), expected(count), found(count);
    std::vector<std::uint8_t> y(count);
    for (auto& value : dy) value = static_cast<std::int32_t>(random());
    for (auto& value : y) value = static_cast<std::uint8_t>(random() % 4 + 126);
    for (const std::int32_t zero : {0, 127, 128, 255}) {
      relu_backward(dy, y, zero, expected);
      kernels().relu_backward(dy.data(), y.data(), zero, count, found.data());
      ASSERT_EQ(found, expected) << count;
      found = dy;  // in place
      kernels().relu_backward(found.data(), y.data(), zero, count, found.data());
      ASSERT_EQ(found, expected) << count;
    }
  }
}

}  // namespace
}  // namespace octet::model
