#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"

// Pixels in groups of four, from the definitions in kernels.hpp.
namespace octet::model {
namespace {

constexpr std::uint8_t kUntouched = 0xA5;

// Where pixel t of a quad is, or -1 if its line lacks it.
std::ptrdiff_t pixel_of(const QuadPixels& line, int quad, int t) {
  const int column = quad * line.across + t % line.across;
  return column < line.pixels ? column * line.pixel + t / line.across * line.line : -1;
}

std::size_t place(int element, std::ptrdiff_t group, int quad, int t) {
  return static_cast<std::size_t>(element / 16 * group + 64 * quad + element % 16 * 4 + t);
}

// A line of `count` pixels, or two of them with a gap between.
QuadPixels random_line(std::mt19937& random, int count, int channels) {
  QuadPixels line{};
  line.pixels = count;
  line.pixel = channels + static_cast<std::ptrdiff_t>(random() % 3 * 7);
  line.across = random() % 2 == 0 ? 4 : 2;
  line.line = count * line.pixel + static_cast<std::ptrdiff_t>(random() % 50);
  return line;
}

// Elements from the first pixel's to the last pixel's last.
std::ptrdiff_t span_of(const QuadPixels& line, int channels) {
  return (line.pixels - 1) * line.pixel + (4 / line.across - 1) * line.line + channels;
}

TEST(QuadKernels, Pixels) {
  std::uint32_t seed = 0;
  for (int channels = 1; channels <= 80; ++channels)
    for (const int taps : {1, 2, 5}) {
      std::mt19937 random(++seed);
      const QuadPixels line = random_line(random, static_cast<int>(random() % 23 + 1), channels);
      const std::ptrdiff_t tap_stride =
          random() % 2 == 0 ? channels : static_cast<std::ptrdiff_t>(random() % 200);
      // Not a byte more than the pixels have.
      std::vector<std::uint8_t> x(
          static_cast<std::size_t>(span_of(line, channels) + (taps - 1) * tap_stride));
      for (auto& byte : x) byte = static_cast<std::uint8_t>(random());
      const int quads = (line.pixels + line.across - 1) / line.across;
      const int columns = taps * channels;
      const std::ptrdiff_t group = 64 * (quads + static_cast<std::ptrdiff_t>(random() % 3));
      std::vector<std::uint8_t> found(static_cast<std::size_t>((columns + 15) / 16 * group),
                                      kUntouched);
      std::vector<std::uint8_t> expected = found;
      std::vector<std::int32_t> sums(static_cast<std::size_t>(columns) + 1, 77);
      std::vector<std::int32_t> expected_sums = sums;
      for (int quad = 0; quad < quads; ++quad)
        for (int t = 0; t < 4; ++t)
          for (int e = 0; e < columns; ++e) {
            const std::ptrdiff_t pixel = pixel_of(line, quad, t);
            const std::uint8_t value =
                pixel < 0
                    ? std::uint8_t{0}
                    : x[static_cast<std::size_t>(pixel + e / channels * tap_stride + e % channels)];
            expected[place(e, group, quad, t)] = value;
            expected_sums[static_cast<std::size_t>(e)] += value;
          }
      kernels().quads(
          {x.data(), line, taps, tap_stride, channels, found.data(), group, sums.data()});
      ASSERT_EQ(found, expected) << "seed " << seed << ": " << channels << " channels, "
                                 << line.pixels << " pixels, " << taps << " taps";
      ASSERT_EQ(sums, expected_sums) << "seed " << seed;
    }
}

TEST(QuadKernels, Windows) {
  constexpr std::size_t kBehind = 32;  // bytes that may be read
  for (std::uint32_t seed = 1; seed <= 400; ++seed) {
    std::mt19937 random(seed);
    const auto upto = [&](int high) { return static_cast<int>(random() % high) + 1; };
    WindowQuadJob job{};
    job.pixel = upto(6);
    job.pixels = upto(19);
    job.lines = upto(5);
    job.rows = upto(6);
    job.run = upto(11);
    job.line = upto(150);
    job.row_step = upto(150);
    std::vector<std::uint8_t> x(static_cast<std::size_t>((job.pixels - 1) * job.pixel +
                                                         (job.lines - 1) * job.line +
                                                         (job.rows - 1) * job.row_step + job.run) +
                                kBehind);
    for (auto& byte : x) byte = static_cast<std::uint8_t>(random());
    const int quads = (job.pixels + 3) / 4;
    const int columns = job.rows * job.run;
    job.out_group = 64 * (quads * job.lines + static_cast<int>(random() % 3));
    std::vector<std::uint8_t> found(static_cast<std::size_t>((columns + 15) / 16 * job.out_group),
                                    kUntouched);
    std::vector<std::uint8_t> expected = found;
    std::vector<std::int32_t> sums(static_cast<std::size_t>(columns) + 1, 77);
    std::vector<std::int32_t> expected_sums = sums;
    for (int y = 0; y < job.lines; ++y)
      for (int p = 0; p < 4 * quads; ++p)
        for (int e = 0; e < (columns + 15) / 16 * 16; ++e) {
          std::uint8_t value = 0;
          if (p < job.pixels && e < columns) {
            value = x[static_cast<std::size_t>(y * job.line + p * job.pixel +
                                               e / job.run * job.row_step + e % job.run)];
            expected_sums[static_cast<std::size_t>(e)] += value;
          }
          expected[place(e, job.out_group, y * quads + p / 4, p % 4)] = value;
        }
    job.x = x.data();
    job.out = found.data();
    job.sums = sums.data();
    kernels().window_quads(job);
    ASSERT_EQ(found, expected) << "seed " << seed;
    ASSERT_EQ(sums, expected_sums) << "seed " << seed;
  }
}

template <class Code>
void split_case(std::uint32_t seed, int channels, int pixels) {
  constexpr int kBytes = sizeof(Code);
  std::mt19937 random(seed);
  const QuadPixels line = random_line(random, pixels, channels);
  std::vector<Code> g(static_cast<std::size_t>(span_of(line, channels)));
  for (auto& code : g) code = static_cast<Code>(random() % 5 == 0 ? 0xFFFFU : random());
  const int quads = (pixels + line.across - 1) / line.across;
  const std::ptrdiff_t panel = 64 * (quads + static_cast<std::ptrdiff_t>(random() % 3));
  std::vector<std::int8_t> found(static_cast<std::size_t>((kBytes * channels + 15) / 16 * panel),
                                 85);
  std::vector<std::int8_t> expected = found;
  std::vector<std::int32_t> sums(static_cast<std::size_t>(kBytes) * channels);
  for (auto& sum : sums) sum = static_cast<std::int32_t>(random() % 1000) - 500;
  std::vector<std::int32_t> expected_sums = sums;
  for (int quad = 0; quad < quads; ++quad)
    for (int t = 0; t < 4; ++t)
      for (int row = 0; row < kBytes * channels; ++row) {
        const std::ptrdiff_t pixel = pixel_of(line, quad, t);
        std::int32_t byte = 0;
        if (pixel >= 0) {
          const int code = g[static_cast<std::size_t>(pixel + row % channels)];
          byte = (row < channels ? code & 255 : code >> 8) - 128;
        }
        expected[place(row, panel, quad, t)] = static_cast<std::int8_t>(byte);
        expected_sums[static_cast<std::size_t>(row)] += byte;
      }
  const SplitGradientJob job{line, channels, found.data(), panel, sums.data()};
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
