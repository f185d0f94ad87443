#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "model/ops/add.hpp"
#include "model/ops/relu.hpp"

namespace octet::model {
namespace {

using Wide = std::vector<std::int32_t>;
using Bytes = std::vector<std::uint8_t>;

TEST(Relu, ForwardAndBackward) {
  const Bytes q = {0, 99, 100, 101, 255};
  Bytes y(5);
  relu_forward(q, 100, y);
  EXPECT_EQ(y, (Bytes{100, 100, 100, 101, 255}));
  Wide dx = {1, -2, 3, -4, 5};
  relu_backward(dx, y, 100, dx);  // in place; zero itself passes nothing
  EXPECT_EQ(dx, (Wide{0, 0, 0, -4, 5}));
  relu_forward(q, 0, y);
  EXPECT_EQ(y, q);
  relu_forward(q, 255, y);
  EXPECT_EQ(y, Bytes(5, 255));
}

TEST(LargestMagnitude, OfBothKinds) {
  EXPECT_EQ(largest_magnitude(Wide{3, -9, 4}), 9);
  EXPECT_EQ(largest_magnitude(Wide{}), 0);
  EXPECT_EQ(largest_magnitude(Bytes{5, 250}, 200), 195);
  EXPECT_EQ(largest_magnitude(Bytes{200}, 200), 0);
}

// Within two roundings of the exact sum, and never wider than 2^24.
TEST(Add, CodesAgainstTheRealSum) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    Bytes a(100), b(100);
    for (auto& value : a) value = static_cast<std::uint8_t>(random());
    for (auto& value : b) value = static_cast<std::uint8_t>(random());
    const auto zero_a = static_cast<std::int32_t>(random() % 256);
    const auto zero_b = static_cast<std::int32_t>(random() % 256);
    const float scale_a = std::ldexp(1.37F, static_cast<int>(random() % 20) - 10);
    const float scale_b = std::ldexp(1.91F, static_cast<int>(random() % 20) - 10);
    const AddScales scales =
        add_scales(largest_magnitude(a, zero_a), scale_a, largest_magnitude(b, zero_b), scale_b);
    Wide out(100);
    add_codes_ref(a, zero_a, b, zero_b, scales, out);
    for (std::size_t i = 0; i < out.size(); ++i) {
      const long double exact = static_cast<long double>(scale_a) * (a[i] - zero_a) +
                                static_cast<long double>(scale_b) * (b[i] - zero_b);
      // Each factor is an f32 quotient (2^-24 of up to 2^24 units) and rounds twice.
      ASSERT_LE(std::abs(out[i] - exact / static_cast<long double>(scales.scale)), 6.0L)
          << "seed " << seed;
      ASSERT_LE(std::abs(out[i]), (1 << 24) + 4) << "seed " << seed;
    }
  }
}

TEST(Add, ExactWherePowersOfTwoMeet) {
  const Wide a = {3, -3, 128, 0};
  const Wide b = {5, -5, -128, 7};
  // A = 128 * 1 + 128 * 3 = 512, s = 2^-15.
  const AddScales scales = add_scales(128, 1.0F, 128, 3.0F);
  EXPECT_EQ(scales.scale, 0x1p-15F);
  Wide out(4);
  add_wide_ref(a, b, scales, out);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(out[i], (a[i] + 3 * b[i]) * 32768);
}

TEST(Add, OfZerosIsZero) {
  const AddScales scales = add_scales(0, 0.5F, 0, 0.25F);
  EXPECT_EQ(scales.scale, 1.0F);
  Wide out(3, 9);
  add_wide_ref(Wide{0, 0, 0}, Wide{0, 0, 0}, scales, out);
  EXPECT_EQ(out, Wide(3, 0));
}

TEST(Unify, ChannelsComeToOneScale) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const std::size_t channels = random() % 6 + 1;
    std::vector<float> scales;
    for (std::size_t c = 0; c < channels; ++c)
      scales.push_back(
          std::ldexp(random() % 2 == 0 ? 1.1F : -1.7F, static_cast<int>(random() % 12)));
    Wide x(channels * 20), largest(channels), out(channels * 20);
    for (std::size_t i = 0; i < x.size(); ++i) {
      x[i] = static_cast<std::int32_t>(random()) >> 3;
      largest[i % channels] = std::max(largest[i % channels], std::abs(x[i]));
    }
    const UnifyScales unified = unify_scales(largest, scales);
    unify_wide_ref(x, unified, out);
    std::int32_t top = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double exact = static_cast<long double>(scales[i % channels]) * x[i] /
                                static_cast<long double>(unified.scale);
      ASSERT_LE(std::abs(out[i] - exact), 3.5L) << "seed " << seed;
      top = std::max(top, std::abs(out[i]));
    }
    ASSERT_NEAR(top, 1 << 24, 4) << "seed " << seed;  // the largest value fills the 24 bits
  }
  EXPECT_EQ(unify_scales(Wide{0, 0}, std::vector<float>{1.0F, 2.0F}).scale, 1.0F);
}

}  // namespace
}  // namespace octet::model
