#include "model/ops/conv2d_fast.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/model/ops/conv_cases.hpp"

namespace octet::model {
namespace {

using testing::random_bias;
using testing::random_conv_shape;
using testing::random_tensor;

constexpr std::uint32_t kCases = 350;

ConvShape shape_of(std::mt19937& random, std::uint32_t seed) {
  ConvShape s = random_conv_shape(random);
  if (seed % 25 == 0) {  // more pixels than one block of patches, more columns than one tile
    s.in_h = s.in_w = 40;
    s.out_h = (s.in_h + 2 * s.pad_h - s.dilation_h * (s.kernel_h - 1) - 1) / s.stride_h + 1;
    s.out_w = (s.in_w + 2 * s.pad_w - s.dilation_w * (s.kernel_w - 1) - 1) / s.stride_w + 1;
  }
  return s;
}

TEST(Conv2dFast, ForwardIsTheReference) {
  for (std::uint32_t seed = 1; seed <= kCases; ++seed) {
    std::mt19937 random(seed);
    const ConvShape s = shape_of(random, seed);
    const auto x = random_tensor<std::uint8_t>(random, s.in_elements());
    const auto w = random_tensor<std::uint8_t>(random, s.weights());
    const auto bias = random_bias(random, s.out_c);
    std::vector<std::int32_t> expected(static_cast<std::size_t>(s.out_elements()));
    std::vector<std::int32_t> found(expected.size(), -77);
    conv2d_forward_ref(s, x.codes(), w.codes(), bias, expected);
    conv2d_forward(s, x.codes(), w.codes(), bias, found);
    ASSERT_EQ(found, expected) << "seed " << seed << ": " << s;
  }
}

TEST(Conv2dFast, DataGradientIsTheReference) {
  for (std::uint32_t seed = 1; seed <= kCases; ++seed) {
    std::mt19937 random(seed);
    const ConvShape s = shape_of(random, seed);
    const auto g = random_tensor<std::uint8_t>(random, s.out_elements());
    const auto w = random_tensor<std::uint8_t>(random, s.weights());
    std::vector<std::int32_t> expected(static_cast<std::size_t>(s.in_elements()));
    std::vector<std::int32_t> found(expected.size(), -77);
    conv2d_data_gradient_ref(s, g.codes(), w.codes(), expected);
    conv2d_data_gradient(s, g.codes(), w.codes(), found);
    ASSERT_EQ(found, expected) << "seed " << seed << ": " << s;
  }
}

template <class Code>
void weight_gradient_case(std::uint32_t seed, std::mt19937& random, const ConvShape& s) {
  const auto g = random_tensor<Code>(random, s.out_elements());
  const auto x = random_tensor<std::uint8_t>(random, s.in_elements());
  const auto weights = static_cast<std::size_t>(s.weights());
  const std::size_t biases = random() % 3 == 0 ? 0 : static_cast<std::size_t>(s.out_c);
  std::vector<std::int64_t> dw(weights, -77), db(biases, -77);
  std::vector<std::int64_t> found_dw(weights, -78), found_db(biases, -78);
  conv2d_weight_gradient_ref<Code>(s, g.codes(), x.codes(), dw, db);
  conv2d_weight_gradient<Code>(s, g.codes(), x.codes(), found_dw, found_db);
  ASSERT_EQ(found_dw, dw) << "seed " << seed << ": " << s;
  ASSERT_EQ(found_db, db) << "seed " << seed << ": " << s;

  // In two parts, each of which is added and leaves the other's channels alone.
  const int cut = static_cast<int>(random() % static_cast<unsigned>(s.out_c + 1));
  std::fill(found_dw.begin(), found_dw.end(), -79);
  conv2d_weight_gradient_part<Code>(s, g.codes(), x.codes(), 0, cut, found_dw, found_db);
  for (std::size_t i = static_cast<std::size_t>(cut) * s.reduction(); i < weights; ++i)
    ASSERT_EQ(found_dw[i], -79) << "seed " << seed << ": " << s;
  conv2d_weight_gradient_part<Code>(s, g.codes(), x.codes(), cut, s.out_c, found_dw, found_db);
  for (std::int64_t& value : found_dw) value += 79;
  for (std::size_t o = 0; o < biases; ++o) found_db[o] -= db[o];  // what was there before
  ASSERT_EQ(found_dw, dw) << "seed " << seed << ", cut " << cut << ": " << s;
  ASSERT_EQ(found_db, db) << "seed " << seed << ", cut " << cut << ": " << s;

  // A few images at a time, into one sum.
  std::fill(found_dw.begin(), found_dw.end(), 0);
  std::fill(found_db.begin(), found_db.end(), 0);
  static WeightGradientScratch scratch;  // as another layer left it
  WeightGradientSum<Code> sum(s, g.zero_point, x.zero_point, scratch, found_dw, found_db);
  const auto in = static_cast<std::size_t>(s.in_elements() / s.batch);
  const auto out = static_cast<std::size_t>(s.out_elements() / s.batch);
  for (int from = 0; from < s.batch;) {
    const int images = 1 + static_cast<int>(random() % static_cast<unsigned>(s.batch - from));
    const auto first = static_cast<std::size_t>(from), count = static_cast<std::size_t>(images);
    sum.add(images, std::span(g.q).subspan(first * out, count * out),
            std::span(x.q).subspan(first * in, count * in), s.batch - from - images);
    from += images;
  }
  sum.finish();
  ASSERT_EQ(found_dw, dw) << "seed " << seed << ": " << s;
  ASSERT_EQ(found_db, db) << "seed " << seed << ": " << s;
}

TEST(Conv2dFast, WeightGradientIsTheReference8Bit) {
  for (std::uint32_t seed = 1; seed <= kCases && !HasFatalFailure(); ++seed) {
    std::mt19937 random(seed);
    weight_gradient_case<std::uint8_t>(seed, random, shape_of(random, seed));
  }
}

TEST(Conv2dFast, WeightGradientIsTheReference16Bit) {
  for (std::uint32_t seed = 1; seed <= kCases && !HasFatalFailure(); ++seed) {
    std::mt19937 random(seed);
    weight_gradient_case<std::uint16_t>(seed, random, shape_of(random, seed));
  }
}

// Channels that fill vectors go another way: kernel rows share lines, borders are left out, even
// heights may take two lines a quad.
TEST(Conv2dFast, WeightGradientOfWholeVectorsIsTheReference) {
  for (std::uint32_t seed = 1; seed <= 150 && !HasFatalFailure(); ++seed) {
    std::mt19937 random(seed);
    ConvShape s = random_conv_shape(random);
    s.groups = 1;
    s.in_c = 16 * static_cast<int>(random() % 4 + 1);
    s.out_c = 8 * static_cast<int>(random() % 5 + 1);
    weight_gradient_case<std::uint8_t>(seed, random, s);
    weight_gradient_case<std::uint16_t>(seed, random, s);
  }
}

// More pixels in an image than 32 bits hold sums of, at the ends of both ranges.
TEST(Conv2dFast, WeightGradientOfALargeImageDoesNotOverflow) {
  for (const int channels : {1, 16}) {
    ConvShape s;
    s.in_h = s.out_h = 264;
    s.in_w = s.out_w = 261;
    s.in_c = channels;
    s.kernel_h = s.kernel_w = 3;
    s.pad_h = s.pad_w = 1;
    const std::vector<std::uint8_t> x(static_cast<std::size_t>(s.in_elements()), 255);
    const std::vector<std::uint16_t> g(static_cast<std::size_t>(s.out_elements()), 0);
    std::vector<std::int64_t> dw(static_cast<std::size_t>(s.weights())), found(dw.size());
    conv2d_weight_gradient_ref<std::uint16_t>(s, {g, 40000}, {x, 3}, dw, {});
    conv2d_weight_gradient<std::uint16_t>(s, {g, 40000}, {x, 3}, found, {});
    EXPECT_EQ(found, dw) << channels << " channels";
  }
}

// The ReLU's backward pass on the way.
TEST(Conv2dFast, MaskedResultsAreZero) {
  for (std::uint32_t seed = 1; seed <= 120; ++seed) {
    std::mt19937 random(seed);
    const ConvShape s = shape_of(random, seed);
    const auto g = random_tensor<std::uint8_t>(random, s.out_elements());
    const auto w = random_tensor<std::uint8_t>(random, s.weights());
    const auto y = random_tensor<std::uint8_t>(random, s.in_elements());
    std::vector<std::int32_t> expected(static_cast<std::size_t>(s.in_elements()));
    std::vector<std::int32_t> found(expected.size(), -77);
    conv2d_data_gradient_ref(s, g.codes(), w.codes(), expected);
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (y.q[i] <= y.zero_point) expected[i] = 0;
    const Extremes extremes = conv2d_planned(plan_data_gradient(s, w.codes()), s.batch, g.codes(),
                                             {}, {y.q, y.zero_point}, found);
    ASSERT_EQ(found, expected) << "seed " << seed << ": " << s;
    EXPECT_EQ(extremes.low, *std::min_element(expected.begin(), expected.end()));
    EXPECT_EQ(extremes.high, *std::max_element(expected.begin(), expected.end()));
  }
}

// A slice of the batch on its own, as threads compute it.
TEST(Conv2dFast, SlicesMakeTheWhole) {
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    std::mt19937 random(seed);
    ConvShape s = random_conv_shape(random);
    s.batch = 3;
    const auto x = random_tensor<std::uint8_t>(random, s.in_elements());
    const auto w = random_tensor<std::uint8_t>(random, s.weights());
    std::vector<std::int32_t> whole(static_cast<std::size_t>(s.out_elements()));
    conv2d_forward_ref(s, x.codes(), w.codes(), {}, whole);
    std::vector<std::int32_t> found(whole.size());
    const ConvPlan plan = plan_forward(s, w.codes());
    ConvShape one = s;
    one.batch = 1;
    const auto in = static_cast<std::size_t>(one.in_elements());
    const auto out = static_cast<std::size_t>(one.out_elements());
    for (std::size_t n = 0; n < 3; ++n) {
      const Extremes extremes =
          conv2d_planned(plan, 1, {std::span(x.q).subspan(n * in, in), x.zero_point}, {}, {},
                         std::span(found).subspan(n * out, out));
      const auto [low, high] =
          std::minmax_element(whole.begin() + static_cast<std::ptrdiff_t>(n * out),
                              whole.begin() + static_cast<std::ptrdiff_t>((n + 1) * out));
      EXPECT_EQ(extremes.low, *low);
      EXPECT_EQ(extremes.high, *high);
    }
    ASSERT_EQ(found, whole) << "seed " << seed << ": " << s;
  }
}

}  // namespace
}  // namespace octet::model
