#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"
#include "model/ops/pool_fast.hpp"
#include "model/ops/relu.hpp"
#include "tests/model/ops/pool_cases.hpp"

namespace octet::model {
namespace {

TEST(MaxPoolFast, IsTheReference) {
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    const PoolShape s = testing::random_pool_shape(random);
    std::vector<std::uint8_t> x(static_cast<std::size_t>(s.batch * s.in_h * s.in_w * s.channels));
    const unsigned spread = random() % 2 == 0 ? 3 : 256;  // few codes: many ties
    for (auto& value : x) value = static_cast<std::uint8_t>(random() % spread);
    const auto outs = static_cast<std::size_t>(s.batch * s.out_h * s.out_w * s.channels);
    std::vector<std::uint8_t> expected(outs), found(outs, 7);
    std::vector<std::int32_t> expected_where(outs), where(outs, -7);
    max_pool_forward_ref(s, x, expected, expected_where);
    max_pool_forward(s, x, found, where);
    ASSERT_EQ(found, expected) << "seed " << seed;
    ASSERT_EQ(where, expected_where) << "seed " << seed;
  }
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
