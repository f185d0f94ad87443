#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"

// Pixels in groups of four, from the definitions in kernels.hpp.
namespace octet::model {
namespace {

constexpr std::uint8_t kUntouched = 0xA5;

TEST(QuadKernels, Pixels) {
  std::uint32_t seed = 0;
  for (int channels = 1; channels <= 80; ++channels)
    for (const int taps : {1, 2, 5}) {
      std::mt19937 random(++seed);
      const int pixels = static_cast<int>(random() % 23 + 1);
      const std::ptrdiff_t pixel = channels + static_cast<std::ptrdiff_t>(random() % 2 * 3);
      const std::ptrdiff_t tap_stride =
          random() % 2 == 0 ? channels : static_cast<std::ptrdiff_t>(random() % 200);
      // Not a byte more than the pixels have.
      std::vector<std::uint8_t> x(
          static_cast<std::size_t>((pixels - 1) * pixel + (taps - 1) * tap_stride + channels));
      for (auto& byte : x) byte = static_cast<std::uint8_t>(random());
      const int quads = (pixels + 3) / 4;
      const std::ptrdiff_t out_quad =
          4 * taps * channels + static_cast<std::ptrdiff_t>(random() % 3 * 4);
      std::vector<std::uint8_t> found(static_cast<std::size_t>(quads * out_quad), kUntouched);
      std::vector<std::uint8_t> expected = found;
      std::vector<std::int32_t> sums(static_cast<std::size_t>(taps) * channels + 1, 77);
      std::vector<std::int32_t> expected_sums(sums.size());
      expected_sums.back() = 77;  // behind the last
      for (int p = 0; p < 4 * quads; ++p)
        for (int tap = 0; tap < taps; ++tap)
          for (int c = 0; c < channels; ++c) {
            const std::uint8_t value =
                p < pixels ? x[static_cast<std::size_t>(p * pixel + tap * tap_stride + c)]
                           : std::uint8_t{0};
            const int column = tap * channels + c;
            expected[static_cast<std::size_t>(p / 4 * out_quad + 4 * column + p % 4)] = value;
            expected_sums[static_cast<std::size_t>(column)] += value;
          }
      kernels().quads({x.data(), pixel, pixels, taps, tap_stride, channels, found.data(), out_quad,
                       sums.data()});
      ASSERT_EQ(found, expected) << "seed " << seed << ": " << channels << " channels, " << pixels
                                 << " pixels, " << taps << " taps";
      ASSERT_EQ(sums, expected_sums) << "seed " << seed;
    }
}

template <class Code>
void split_case(std::uint32_t seed, int channels, int pixels) {
  constexpr int kBytes = sizeof(Code);
  std::mt19937 random(seed);
  const std::ptrdiff_t stride = channels + static_cast<std::ptrdiff_t>(random() % 3 * 7);
  std::vector<Code> g(static_cast<std::size_t>((pixels - 1) * stride + channels));
  for (auto& code : g) code = static_cast<Code>(random() % 5 == 0 ? 0xFFFFU : random());
  const int rows = kBytes * channels + static_cast<int>(random() % 3);
  const int quads = (pixels + 3) / 4;
  std::vector<std::int8_t> found(static_cast<std::size_t>(4 * rows * quads), 85);
  std::vector<std::int8_t> expected = found;
  std::vector<std::int32_t> sums(static_cast<std::size_t>(rows));
  for (auto& sum : sums) sum = static_cast<std::int32_t>(random() % 1000) - 500;
  std::vector<std::int32_t> expected_sums = sums;
  for (int p = 0; p < 4 * quads; ++p)
    for (int row = 0; row < kBytes * channels; ++row) {
      std::int32_t byte = 0;
      if (p < pixels) {
        const int code = g[static_cast<std::size_t>(p * stride + row % channels)];
        byte = (row < channels ? code & 255 : code >> 8) - 128;
      }
      expected[static_cast<std::size_t>((p / 4 * rows + row) * 4 + p % 4)] =
          static_cast<std::int8_t>(byte);
      expected_sums[static_cast<std::size_t>(row)] += byte;
    }
  const SplitGradientJob job{stride, pixels, channels, found.data(), rows, sums.data()};
  if constexpr (kBytes == 1)
    kernels().split_gradient_u8(job, g.data());
  else
    kernels().split_gradient_u16(job, g.data());
  ASSERT_EQ(found, expected) << channels << " channels, " << pixels << " pixels";
  ASSERT_EQ(sums, expected_sums) << channels << " channels, " << pixels << " pixels";
}

TEST(QuadKernels, Gradients) {
  std::uint32_t seed = 0;
  for (int channels = 1; channels <= 80; ++channels)
    for (const int pixels : {1, 2, 3, 4, 7, 16, 29}) {
      split_case<std::uint8_t>(++seed, channels, pixels);
      split_case<std::uint16_t>(++seed, channels, pixels);
    }
}

}  // namespace
}  // namespace octet::model
