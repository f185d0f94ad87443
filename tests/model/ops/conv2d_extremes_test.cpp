#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "model/ops/conv2d.hpp"
#include "tests/model/ops/conv_cases.hpp"

// Sums at the ends of their widths.
namespace octet::model {
namespace {

constexpr std::int64_t kLargestReduction = 33025;  // K 255^2 <= 2^31 - 1
constexpr std::int64_t kProduct = 255 * 255;

struct Ends {
  std::uint8_t x;
  std::int32_t zero_x;
  std::uint8_t w;
  std::int32_t zero_w;
  std::int64_t product;
};
constexpr Ends kEnds[] = {{255, 0, 255, 0, kProduct},
                          {0, 255, 0, 255, kProduct},
                          {255, 0, 0, 255, -kProduct},
                          {0, 255, 255, 0, -kProduct},
                          {255, 255, 255, 0, 0}};

TEST(AccumulatorLimit, IsTheLargestThatFits) {
  EXPECT_LE(kLargestReduction * kProduct, 2147483647);
  EXPECT_GT((kLargestReduction + 1) * kProduct, 2147483647);
}

void forward_limit(const ConvShape& s) {
  for (const Ends& ends : kEnds)
    for (const int sign : {-1, 0, 1}) {
      const std::vector<std::uint8_t> x(static_cast<std::size_t>(s.in_elements()), ends.x);
      const std::vector<std::uint8_t> w(static_cast<std::size_t>(s.weights()), ends.w);
      const std::int64_t room = 2147483647 - s.reduction() * kProduct;
      const std::vector<std::int32_t> bias(static_cast<std::size_t>(s.out_c),
                                           static_cast<std::int32_t>(sign * room));
      const std::int64_t exact = s.reduction() * ends.product + sign * room;
      std::vector<std::int32_t> out(static_cast<std::size_t>(s.out_elements()));
      conv2d_forward(s, {x, ends.zero_x}, {w, ends.zero_w}, bias, out);
      for (const std::int32_t value : out) ASSERT_EQ(value, exact) << s;
      conv2d_forward_ref(s, {x, ends.zero_x}, {w, ends.zero_w}, bias, out);
      for (const std::int32_t value : out) ASSERT_EQ(value, exact) << s;
    }
}

TEST(AccumulatorLimit, Forward) {
  ConvShape s;
  s.batch = 2;
  s.in_c = static_cast<int>(kLargestReduction);
  for (const int channels : {1, 3, 16, 17}) {
    s.out_c = channels;
    forward_limit(s);
  }
  s.in_c = 3669;  // 9 * 3669 = 33021
  s.in_h = 3;
  s.in_w = 4;
  s.kernel_h = s.kernel_w = 3;
  s.out_w = 2;
  s.out_c = 5;
  forward_limit(s);
}

TEST(AccumulatorLimit, DataGradient) {
  ConvShape s;
  s.batch = 2;
  s.in_c = 3;
  s.out_c = static_cast<int>(kLargestReduction);
  for (const Ends& ends : kEnds) {
    const std::vector<std::uint8_t> g(static_cast<std::size_t>(s.out_elements()), ends.x);
    const std::vector<std::uint8_t> w(static_cast<std::size_t>(s.weights()), ends.w);
    std::vector<std::int32_t> dx(static_cast<std::size_t>(s.in_elements()));
    conv2d_data_gradient(s, {g, ends.zero_x}, {w, ends.zero_w}, dx);
    for (const std::int32_t value : dx) ASSERT_EQ(value, kLargestReduction * ends.product);
  }
}

// More than 65,536 terms: the 32-bit partial sums must be moved on in time. Every operand at an
// end, so each term has the largest magnitude.
template <class Code>
void weight_gradient_limit(const ConvShape& s, std::int64_t terms) {
  constexpr Code kTop = static_cast<Code>(~Code{0});
  for (const Code g : {Code{0}, kTop})
    for (const std::int32_t zero_g : {0, int{kTop}})
      for (const std::uint8_t x : {0, 255})
        for (const std::int32_t zero_x : {0, 255}) {
          const std::vector<Code> gradient(static_cast<std::size_t>(s.out_elements()), g);
          const std::vector<std::uint8_t> image(static_cast<std::size_t>(s.in_elements()), x);
          std::vector<std::int64_t> dw(static_cast<std::size_t>(s.weights()));
          std::vector<std::int64_t> db(static_cast<std::size_t>(s.out_c));
          conv2d_weight_gradient<Code>(s, {gradient, zero_g}, {image, zero_x}, dw, db);
          const std::int64_t exact = terms * (g - zero_g) * (x - zero_x);
          for (const std::int64_t value : dw) ASSERT_EQ(value, exact) << s << " x " << int{x};
          for (const std::int64_t value : db) ASSERT_EQ(value, terms * (g - zero_g)) << s;
        }
}

TEST(WeightGradientLimit, AroundTheFlush) {
  for (const int terms : {65535, 65536, 65537, 65536 + 256, 131072, 200001}) {
    ConvShape s;
    s.in_w = s.out_w = terms;
    s.in_c = 2;
    s.out_c = 3;
    weight_gradient_limit<std::uint8_t>(s, terms);
    weight_gradient_limit<std::uint16_t>(s, terms);
  }
}

TEST(WeightGradientLimit, ManyImagesWithAWindow) {
  ConvShape s;  // no border: every term is inside
  s.batch = 19;
  s.in_h = 62;
  s.in_w = 65;
  s.kernel_h = 3;
  s.kernel_w = 2;
  s.out_h = 60;
  s.out_w = 64;
  s.in_c = 3;
  s.out_c = 2;
  weight_gradient_limit<std::uint8_t>(s, s.pixels());
  weight_gradient_limit<std::uint16_t>(s, s.pixels());
}

// The conv1-1 gradient of vgg-16 with a batch of 256 takes more than 48 bits.
TEST(WeightGradientLimit, BeyondAnAccumulatorOf48Bits) {
  ConvShape s;
  s.in_w = s.out_w = 8'421'634;
  const std::vector<std::uint16_t> g(static_cast<std::size_t>(s.in_w), 65535);
  const std::vector<std::uint8_t> x(static_cast<std::size_t>(s.in_w), 255);
  std::vector<std::int64_t> dw(1);
  std::vector<std::int64_t> db(1);
  conv2d_weight_gradient<std::uint16_t>(s, {g, 0}, {x, 0}, dw, db);
  EXPECT_EQ(dw[0], std::int64_t{8'421'634} * 255 * 65535);
  EXPECT_GE(dw[0], std::int64_t{1} << 47);
}

}  // namespace
}  // namespace octet::model
