#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

// Window sums come from bytes, so they stay small; times the factor they may leave 32 bits.
TEST(SumKernels, OfWindows) {
  for (std::uint32_t seed = 1; seed <= 1000; ++seed) {
    std::mt19937 random(seed);
    const int count = static_cast<int>(random() % 70);
    const int taps = static_cast<int>(random() % 26);
    constexpr std::size_t kReach = 90;  // of a tap
    std::vector<std::int32_t> from(kReach + static_cast<std::size_t>(count));
    for (auto& value : from) value = static_cast<std::int32_t>(random() % (255 * 512));
    std::vector<std::ptrdiff_t> offsets;
    for (int tap = 0; tap < taps; ++tap)
      offsets.push_back(static_cast<std::ptrdiff_t>(random() % kReach));
    const std::int32_t factor = seed % 5 == 0 ? static_cast<std::int32_t>(random())
                                              : static_cast<std::int32_t>(random() % 511) - 255;
    std::vector<std::int32_t> expected, found(static_cast<std::size_t>(count) + 3, 77);
    for (int i = 0; i < count; ++i) {
      std::int64_t sum = 0;
      for (const std::ptrdiff_t offset : offsets) sum += from[static_cast<std::size_t>(offset + i)];
      expected.push_back(static_cast<std::int32_t>(static_cast<std::uint32_t>(sum * factor)));
    }
    expected.resize(found.size(), 77);  // nothing behind the last is touched
    kernels().window_sums(from.data(), offsets.data(), taps, count, factor, found.data());
    ASSERT_EQ(found, expected) << "seed " << seed;
  }
}

// Rows side by side and apart; short ones are added many at a time.
TEST(SumKernels, OfRows) {
  std::mt19937 random(2);
  for (int columns = 1; columns <= 300; ++columns)
    for (const int gap : {0, 5})
      for (const int rows : {0, 3, static_cast<int>(random() % 20), 16, 37}) {
        const std::ptrdiff_t stride = columns + gap;
        std::vector<std::uint8_t> a(static_cast<std::size_t>(rows * stride));
        const bool full = columns % 3 == 0 && rows != 16;
        for (auto& byte : a) byte = static_cast<std::uint8_t>(full ? 255 : random());
        std::vector<std::int32_t> expected, found(static_cast<std::size_t>(rows) + 1, 77);
        for (int row = 0; row < rows; ++row) {
          std::int32_t sum = 0;
          for (int k = 0; k < columns; ++k) sum += a[static_cast<std::size_t>(row * stride + k)];
          expected.push_back(sum);
        }
        expected.push_back(77);
        kernels().row_sums(a.data(), stride, rows, columns, found.data());
        ASSERT_EQ(found, expected) << columns << " columns, " << rows << " rows, gap " << gap;
      }
}

TEST(SumKernels, Accumulate) {
  std::mt19937 random(3);
  for (std::size_t count = 0; count <= 150; ++count) {
    std::vector<std::uint8_t> q(count);
    std::vector<std::int32_t> from(count), sum(count + 1), to(count + 1);
    for (auto& code : q) code = static_cast<std::uint8_t>(random() % 4 == 0 ? 255 : random());
    for (auto& value : from) value = static_cast<std::int32_t>(random()) >> 2;
    for (auto& value : sum) value = static_cast<std::int32_t>(random()) >> 2;
    for (auto& value : to) value = static_cast<std::int32_t>(random()) >> 2;
    std::vector<std::int32_t> expected_sum = sum, expected_to = to;
    const std::int32_t zeros[] = {0, 255, static_cast<std::int32_t>(random() % 256)};
    const std::int32_t zero = zeros[random() % 3];
    for (std::size_t c = 0; c < count; ++c) {
      expected_sum[c] += q[c] - zero;
      expected_to[c] += from[c];
    }
    kernels().accumulate_codes(q.data(), zero, count, sum.data());
    kernels().accumulate(from.data(), count, to.data());
    ASSERT_EQ(sum, expected_sum) << count;
    ASSERT_EQ(to, expected_to) << count;
  }
}

// Random codes over so many rows that kernels add up in several blocks, with a rest of every kind.
template <class Code>
void gradient_case(std::uint32_t seed, int channels, std::size_t rows) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> q(rows * channels);
  std::vector<Code> g(q.size());
  for (auto& code : q) code = static_cast<std::uint8_t>(random());
  for (auto& code : g) code = static_cast<Code>(random());
  const std::int32_t zero = static_cast<Code>(random());
  std::vector<std::int64_t> sum_g(static_cast<std::size_t>(channels), 5), sum_gq(sum_g.size(), -5);
  std::vector<std::int64_t> expected_g = sum_g, expected_gq = sum_gq;
  for (std::size_t i = 0; i < q.size(); ++i) {
    expected_g[i % sum_g.size()] += g[i] - zero;
    expected_gq[i % sum_g.size()] += std::int64_t{g[i] - zero} * q[i];
  }
  if constexpr (sizeof(Code) == 1)
    kernels().gradient_sums_u8(g.data(), zero, q.data(), rows, sum_g.size(), sum_g.data(),
                               sum_gq.data());
  else
    kernels().gradient_sums_u16(g.data(), zero, q.data(), rows, sum_g.size(), sum_g.data(),
                                sum_gq.data());
  ASSERT_EQ(sum_g, expected_g) << channels << " channels, " << rows << " rows";
  ASSERT_EQ(sum_gq, expected_gq) << channels << " channels, " << rows << " rows";
}

TEST(SumKernels, OfGradientsOverManyRows) {
  std::uint32_t seed = 1;
  for (const int channels : {1, 3, 16, 17, 32})
    for (const std::size_t rows : {std::size_t{32'767}, std::size_t{32'768}, std::size_t{32'769},
                                   std::size_t{32'771}, std::size_t{65'540}, std::size_t{70'002}}) {
      gradient_case<std::uint8_t>(seed++, channels, rows);
      gradient_case<std::uint16_t>(seed++, channels, rows);
    }
}

TEST(SumKernels, OfGradientsOverFewRows) {
  std::uint32_t seed = 1000;
  for (const int channels : {1, 2, 5, 15, 16, 31, 48, 64, 65, 130})
    for (std::size_t rows = 0; rows < 20; ++rows) {
      gradient_case<std::uint8_t>(seed++, channels, rows);
      gradient_case<std::uint16_t>(seed++, channels, rows);
    }
}

// Nothing but ends: a 32-bit partial sum would overflow.
TEST(SumKernels, OfExtremeGradients) {
  constexpr std::size_t kRows = 300'000;
  for (const std::size_t channels : {1, 16, 17}) {
    const std::vector<std::uint8_t> q(kRows * channels, 255);
    for (const std::uint16_t code : {0, 65535}) {
      const std::vector<std::uint16_t> g(kRows * channels, code);
      std::vector<std::int64_t> sum_g(channels), sum_gq(channels);
      const std::int64_t value = code == 0 ? -65535 : 65535;
      kernels().gradient_sums_u16(g.data(), code == 0 ? 65535 : 0, q.data(), kRows, channels,
                                  sum_g.data(), sum_gq.data());
      EXPECT_EQ(sum_g, std::vector<std::int64_t>(channels, 300'000 * value));
      EXPECT_EQ(sum_gq, std::vector<std::int64_t>(channels, 300'000 * 255 * value));
    }
  }
}

}  // namespace
}  // namespace octet::model
