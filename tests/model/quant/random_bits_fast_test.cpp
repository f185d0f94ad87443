#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

#include "model/quant/random_bits.hpp"

namespace octet::model {
namespace {

void expect_same(const RandomAddress& address, std::uint64_t first, std::size_t count) {
  std::vector<std::uint16_t> out(count + 2, 0xABCD);
  fill_random_bits(address, first, out.data() + 1, count);
  for (std::size_t i = 0; i < count; ++i)
    ASSERT_EQ(out[i + 1], random_bits(address, first + i)) << "first " << first << " + " << i;
  ASSERT_EQ(out.front(), 0xABCD);
  ASSERT_EQ(out.back(), 0xABCD) << "written past the end";
}

TEST(FillRandomBits, OddStartsAndLengths) {
  int cases = 0;
  for (std::uint64_t first = 0; first < 10; ++first)
    for (std::size_t count = 0; count < 150; ++count, ++cases)
      expect_same({7, 3, 33}, first, count);
  EXPECT_EQ(cases, 1500);
  expect_same({0xFFFFFFFF, 0xFFFFFFFF, 65535}, 12345, 5001);
}

TEST(FillRandomBits, AcrossTheBlockCounterWord) {
  const std::uint64_t edge = std::uint64_t{1} << 34;
  for (std::uint64_t before = 0; before < 140; before += 3)
    for (const std::size_t count : {1UL, 5UL, 64UL, 257UL}) {
      expect_same({1, 2, 3}, edge - before, count);
      expect_same({1, 2, 65535}, 5 * edge - before, count);
    }
  expect_same({1, 2, 3}, (std::uint64_t{1} << 50) - 300, 300);
}

}  // namespace
}  // namespace octet::model
