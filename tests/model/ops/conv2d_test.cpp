#include "model/ops/conv2d.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "tests/model/ops/conv_cases.hpp"
#include "tests/model/ops/conv_oracle.hpp"

namespace octet::model {
namespace {

using testing::random_bias;
using testing::random_conv_shape;
using testing::random_tensor;

template <class T>
std::vector<std::int64_t> widened(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

TEST(Conv2dReference, ForwardByHand) {
  ConvShape s;
  s.in_h = 2;
  s.in_w = 2;
  s.kernel_h = s.kernel_w = 3;
  s.pad_h = s.pad_w = 1;
  s.out_h = s.out_w = 2;
  const std::vector<std::uint8_t> x = {11, 12, 13, 14};                  // zero point 10: 1 2 / 3 4
  const std::vector<std::uint8_t> w = {6, 7, 8, 9, 10, 11, 12, 13, 14};  // 5: 1 .. 9
  const std::vector<std::int32_t> bias = {100};
  std::vector<std::int32_t> out(4);
  conv2d_forward_ref(s, {x, 10}, {w, 5}, bias, out);
  // 1*5 + 2*6 + 3*8 + 4*9 = 77, and so on round the corners.
  EXPECT_EQ(out, (std::vector<std::int32_t>{177, 167, 147, 137}));
}

TEST(Conv2dReference, IsTheOracle) {
  int cases = 0;
  for (std::uint32_t seed = 1; seed <= 320; ++seed, ++cases) {
    std::mt19937 random(seed);
    const ConvShape s = random_conv_shape(random);
    const auto x = random_tensor<std::uint8_t>(random, s.in_elements());
    const auto w = random_tensor<std::uint8_t>(random, s.weights());
    const auto bias = random_bias(random, s.out_c);
    std::vector<std::int32_t> out(static_cast<std::size_t>(s.out_elements()), -77);
    conv2d_forward_ref(s, x.codes(), w.codes(), bias, out);
    ASSERT_EQ(widened(out), testing::forward_oracle(s, x.codes(), w.codes(), bias))
        << "seed " << seed << ": " << s;

    const auto g = random_tensor<std::uint8_t>(random, s.out_elements());
    std::vector<std::int32_t> dx(x.q.size(), -77);
    conv2d_data_gradient_ref(s, g.codes(), w.codes(), dx);
    ASSERT_EQ(widened(dx), testing::data_gradient_oracle(s, g.codes(), w.codes()))
        << "seed " << seed << ": " << s;
  }
  EXPECT_EQ(cases, 320);
}

template <class Code>
void weight_gradient_case(std::uint32_t seed) {
  std::mt19937 random(seed);
  const ConvShape s = random_conv_shape(random);
  const auto x = random_tensor<std::uint8_t>(random, s.in_elements());
  const auto g = random_tensor<Code>(random, s.out_elements());
  testing::WeightGradients found;
  found.weight.assign(static_cast<std::size_t>(s.weights()), -77);
  found.bias.assign(static_cast<std::size_t>(s.out_c), -77);
  conv2d_weight_gradient_ref<Code>(s, g.codes(), x.codes(), found.weight, found.bias);
  ASSERT_TRUE(found == testing::weight_gradient_oracle<Code>(s, g.codes(), x.codes()))
      << "seed " << seed << ": " << s;
}

TEST(Conv2dReference, WeightGradientIsTheOracle) {
  for (std::uint32_t seed = 1; seed <= 320 && !HasFatalFailure(); ++seed) {
    weight_gradient_case<std::uint8_t>(seed);
    weight_gradient_case<std::uint16_t>(1000 + seed);
  }
}

// Of the shapes above, enough have each peculiarity.
TEST(Conv2dReference, ShapesCoverTheCorners) {
  int wide_border = 0, groups = 0, strided = 0, dilated = 0, pointwise = 0, single = 0;
  for (std::uint32_t seed = 1; seed <= 320; ++seed) {
    std::mt19937 random(seed);
    const ConvShape s = random_conv_shape(random);
    wide_border += s.pad_h > s.dilation_h * (s.kernel_h - 1);
    groups += s.groups > 1;
    strided += s.stride_h > 1 || s.stride_w > 1;
    dilated += (s.dilation_h > 1 && s.kernel_h > 1) || (s.dilation_w > 1 && s.kernel_w > 1);
    pointwise += s.kernel_h == 1 && s.kernel_w == 1 && s.stride_h == 1 && s.stride_w == 1 &&
                 s.pad_h == 0 && s.pad_w == 0;
    single += s.batch == 1;
  }
  for (const int count : {wide_border, groups, strided, dilated, single}) EXPECT_GE(count, 40);
  EXPECT_GE(pointwise, 8);
}

}  // namespace
}  // namespace octet::model
