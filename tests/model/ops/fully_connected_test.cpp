#include "model/ops/fully_connected.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "tests/model/ops/conv_cases.hpp"

namespace octet::model {
namespace {

using testing::random_bias;
using testing::random_tensor;

constexpr std::uint32_t kCases = 160;

// Around the tiles' sizes, and now and then beyond what is computed in one part.
FcShape random_shape(std::mt19937& random, std::uint32_t seed) {
  const auto upto = [&](int high) {
    return static_cast<int>(random() % static_cast<unsigned>(high)) + 1;
  };
  if (seed % 40 == 0) return {upto(5), 4096 + upto(9000), upto(20)};
  if (seed % 10 == 0) return {120 + upto(200), upto(40), upto(30)};
  return {upto(9), upto(300), upto(70)};
}

ConvShape conv_of(const FcShape& shape) {
  ConvShape conv;
  conv.batch = shape.batch;
  conv.in_c = shape.inputs;
  conv.out_c = shape.outputs;
  return conv;
}

// A place to cut [0, size) in two.
int cut_of(std::mt19937& random, int size) {
  return static_cast<int>(random() % static_cast<unsigned>(size + 1));
}

void expect_extremes(const Extremes& one, const Extremes& two,
                     const std::vector<std::int32_t>& all) {
  // A part without values says {0, 0}.
  EXPECT_EQ(std::min(one.low, two.low), std::min(0, *std::min_element(all.begin(), all.end())));
  EXPECT_EQ(std::max(one.high, two.high), std::max(0, *std::max_element(all.begin(), all.end())));
}

TEST(FullyConnected, ForwardIsTheReferenceInParts) {
  for (std::uint32_t seed = 1; seed <= kCases; ++seed) {
    std::mt19937 random(seed);
    const FcShape s = random_shape(random, seed);
    const ConvShape conv = conv_of(s);
    const auto x = random_tensor<std::uint8_t>(random, conv.in_elements());
    const auto w = random_tensor<std::uint8_t>(random, conv.weights());
    const auto bias = random_bias(random, s.outputs);
    std::vector<std::int32_t> expected(static_cast<std::size_t>(conv.out_elements()));
    std::vector<std::int32_t> found(expected.size(), -77);
    conv2d_forward_ref(conv, x.codes(), w.codes(), bias, expected);
    const Extremes whole = fc_forward(s, x.codes(), w.codes(), bias, 0, s.outputs, found);
    ASSERT_EQ(found, expected) << "seed " << seed << ": " << conv;
    EXPECT_EQ(whole.low, *std::min_element(expected.begin(), expected.end())) << "seed " << seed;
    EXPECT_EQ(whole.high, *std::max_element(expected.begin(), expected.end())) << "seed " << seed;
    std::fill(found.begin(), found.end(), -78);
    const int cut = cut_of(random, s.outputs);
    const Extremes one = fc_forward(s, x.codes(), w.codes(), bias, 0, cut, found);
    for (int n = 0; n < s.batch; ++n)
      for (int o = cut; o < s.outputs; ++o)
        ASSERT_EQ(found[static_cast<std::size_t>(n * s.outputs + o)], -78) << "seed " << seed;
    const Extremes two = fc_forward(s, x.codes(), w.codes(), bias, cut, s.outputs, found);
    ASSERT_EQ(found, expected) << "seed " << seed << ", cut " << cut << ": " << conv;
    if (cut > 0 && cut < s.outputs) {
      EXPECT_EQ(std::min(one.low, two.low), whole.low) << "seed " << seed;
      EXPECT_EQ(std::max(one.high, two.high), whole.high) << "seed " << seed;
    }
  }
}

TEST(FullyConnected, DataGradientIsTheReferenceInParts) {
  for (std::uint32_t seed = 1; seed <= kCases; ++seed) {
    std::mt19937 random(seed);
    const FcShape s = random_shape(random, seed);
    const ConvShape conv = conv_of(s);
    const auto g = random_tensor<std::uint8_t>(random, conv.out_elements());
    const auto w = random_tensor<std::uint8_t>(random, conv.weights());
    const auto y = random_tensor<std::uint8_t>(random, conv.in_elements());
    const bool masked = seed % 2 == 0;
    std::vector<std::int32_t> expected(static_cast<std::size_t>(conv.in_elements()));
    std::vector<std::int32_t> found(expected.size(), -77);
    conv2d_data_gradient_ref(conv, g.codes(), w.codes(), expected);
    for (std::size_t i = 0; i < expected.size(); ++i)
      if (masked && y.q[i] <= y.zero_point) expected[i] = 0;
    ConvMask mask;
    if (masked) mask = {y.q, y.zero_point};
    const FcDataGradient product(s, g.codes());
    const int cut = cut_of(random, s.inputs);
    const Extremes one = product.run(w.codes(), mask, 0, cut, found);
    for (int n = 0; n < s.batch; ++n)
      for (int k = cut; k < s.inputs; ++k)
        ASSERT_EQ(found[static_cast<std::size_t>(n * s.inputs + k)], -77) << "seed " << seed;
    const Extremes two = product.run(w.codes(), mask, cut, s.inputs, found);
    ASSERT_EQ(found, expected) << "seed " << seed << ", cut " << cut << ": " << conv;
    if (cut == 0 || cut == s.inputs) {
      expect_extremes(one, two, expected);
    } else {
      EXPECT_EQ(std::min(one.low, two.low), *std::min_element(expected.begin(), expected.end()));
      EXPECT_EQ(std::max(one.high, two.high), *std::max_element(expected.begin(), expected.end()));
    }
  }
}

template <class Code>
void weight_step_case(std::uint32_t seed) {
  std::mt19937 random(seed);
  const FcShape s = random_shape(random, seed);
  const ConvShape conv = conv_of(s);
  const auto g = random_tensor<Code>(random, conv.out_elements());
  const auto x = random_tensor<std::uint8_t>(random, conv.in_elements());
  const auto size = static_cast<std::size_t>(conv.weights());
  std::vector<std::int64_t> dw(size), db(static_cast<std::size_t>(s.outputs));
  conv2d_weight_gradient_ref<Code>(conv, g.codes(), x.codes(), dw, db);

  const float scale = 1.7e-9F;
  const SgdRates rates{0.05F, 0.9F, 1e-4F, seed % 2 == 0};
  std::normal_distribution<float> normal(0.0F, 0.1F);
  std::vector<float> weight(size), velocity(size), gradient(size);
  for (auto& value : weight) value = normal(random);
  for (auto& value : velocity) value = normal(random);
  std::vector<float> found_weight = weight, found_velocity = velocity;
  gradient_to_float(dw, scale, gradient);
  sgd_update(gradient, rates, velocity, weight);

  const FcWeightStep<Code> step(s, g.codes());
  EXPECT_EQ(step.bias_gradient(), db) << "seed " << seed;
  Range range = kNoWeights;
  const int cut = cut_of(random, s.inputs);
  for (const auto& [first, last] : {std::pair(0, cut), std::pair(cut, s.inputs)})
    step.run(x.codes(), scale, rates, first, last, found_velocity, found_weight, range);
  ASSERT_EQ(found_velocity, velocity) << "seed " << seed << ", cut " << cut << ": " << conv;
  ASSERT_EQ(found_weight, weight) << "seed " << seed << ", cut " << cut << ": " << conv;
  EXPECT_EQ(range, range_of(weight)) << "seed " << seed;
}

TEST(FullyConnected, WeightStepIsTheReference8Bit) {
  for (std::uint32_t seed = 1; seed <= kCases && !HasFatalFailure(); ++seed)
    weight_step_case<std::uint8_t>(seed);
}

TEST(FullyConnected, WeightStepIsTheReference16Bit) {
  for (std::uint32_t seed = 1; seed <= kCases && !HasFatalFailure(); ++seed)
    weight_step_case<std::uint16_t>(seed);
}

// The largest sums of all: 128 images just fit 32 bits, 129 do not.
TEST(FullyConnected, WeightStepAtTheEndsOf32Bits) {
  for (const int batch : {127, 128, 129, 256, 257, 300})
    for (const auto& [code, zero_g] : {std::pair(0, 65535), std::pair(65535, 0)})
      for (const auto& [activation, zero_x] : {std::pair(0, 255), std::pair(255, 0)}) {
        const FcShape s{batch, 17, 5};
        const std::vector<std::uint16_t> g(static_cast<std::size_t>(batch * 5),
                                           static_cast<std::uint16_t>(code));
        const std::vector<std::uint8_t> x(static_cast<std::size_t>(batch * 17),
                                          static_cast<std::uint8_t>(activation));
        std::vector<float> weight(17 * 5), velocity(17 * 5);
        Range range = kNoWeights;
        const FcWeightStep<std::uint16_t> step(s, {g, zero_g});
        step.run({x, zero_x}, 1.0F, {1.0F, 0.0F, 0.0F, false}, 0, 17, velocity, weight, range);
        const std::int64_t sum = std::int64_t{batch} * (code - zero_g) * (activation - zero_x);
        for (const float value : velocity) ASSERT_EQ(value, static_cast<float>(sum)) << batch;
        EXPECT_EQ(range, (Range{static_cast<float>(-sum), static_cast<float>(-sum)})) << batch;
        EXPECT_EQ(step.bias_gradient()[4], std::int64_t{batch} * (code - zero_g));
      }
}

}  // namespace
}  // namespace octet::model
