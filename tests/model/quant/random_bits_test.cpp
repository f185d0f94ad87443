#include "model/quant/random_bits.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <set>

namespace octet::model {
namespace {

using Words = std::array<std::uint32_t, 2>;

struct Known {
  Words key, counter;
  int rounds;
  Words result;
};
// Random123's kat_vectors for threefry2x32.
constexpr std::array<Known, 4> kKnown = {{
    {{0, 0}, {0, 0}, 20, {0x6B200159, 0x99BA4EFE}},
    {{0xFFFFFFFF, 0xFFFFFFFF}, {0xFFFFFFFF, 0xFFFFFFFF}, 20, {0x1CB996FC, 0xBB002BE7}},
    {{0x13198A2E, 0x03707344}, {0x243F6A88, 0x85A308D3}, 20, {0xC4923A9C, 0x483DF7A0}},
    {{0, 0}, {0, 0}, 13, {0x9D1C5EC6, 0x8BD50731}},
}};

TEST(Threefry, PublishedVectors) {
  for (const Known& known : kKnown)
    EXPECT_EQ(threefry2x32(known.key, known.counter, known.rounds), known.result);
}

TEST(Threefry, ThirteenRoundsUnlessToldOtherwise) {
  EXPECT_EQ(threefry2x32({0, 0}, {0, 0}), kKnown[3].result);
}

TEST(RandomBits, WordsInElementOrder) {
  const RandomAddress address{5, 9, 17};
  const Words first = threefry2x32({5, 9}, {0, 17});
  EXPECT_EQ(random_bits(address, 0), first[0] & 0xFFFF);
  EXPECT_EQ(random_bits(address, 1), first[0] >> 16);
  EXPECT_EQ(random_bits(address, 2), first[1] & 0xFFFF);
  EXPECT_EQ(random_bits(address, 3), first[1] >> 16);
  EXPECT_EQ(random_bits(address, 4), threefry2x32({5, 9}, {1, 17})[0] & 0xFFFF);
  // Worked by a second implementation of the page's definition.
  constexpr std::array<std::uint16_t, 8> kStart = {0x1E5E, 0x34B2, 0xD295, 0x8934,
                                                   0xF00A, 0x7F9F, 0x75A8, 0xA62B};
  for (std::size_t i = 0; i < kStart.size(); ++i) EXPECT_EQ(random_bits(address, i), kStart[i]);
}

TEST(RandomBits, HighBlockNumberEntersTheSecondCounterWord) {
  const RandomAddress address{5, 9, 17};
  constexpr std::array<std::uint16_t, 5> kAcross = {0x6EBE, 0x95AA, 0xBF8C, 0x4D63, 0x8EF1};
  const std::uint64_t edge = std::uint64_t{1} << 34;  // block 2^32
  for (std::size_t i = 0; i < kAcross.size(); ++i)
    EXPECT_EQ(random_bits(address, edge - 2 + i), kAcross[i]);
  EXPECT_EQ(random_bits(address, edge), threefry2x32({5, 9}, {0, 17 + 65536})[0] & 0xFFFF);
  EXPECT_NE(random_bits(address, edge), random_bits(address, 0));
}

TEST(RandomBits, EveryPartOfTheAddressCounts) {
  std::set<std::uint64_t> seen;
  int addresses = 0;
  for (const std::uint32_t seed : {0U, 1U, 0xFFFFFFFFU})
    for (const std::uint32_t step : {0U, 1U, 0xFFFFFFFFU})
      for (const std::uint32_t stream : {0U, 1U, 8U, 65528U})
        for (const std::uint64_t block : {0UL, 1UL, 1UL << 32, 3UL << 32, (1UL << 48) - 1}) {
          std::uint64_t word = 0;
          for (std::uint64_t i = 0; i < 4; ++i)
            word = word << 16 | random_bits({seed, step, stream}, 4 * block + i);
          seen.insert(word);
          ++addresses;
        }
  EXPECT_EQ(static_cast<int>(seen.size()), addresses);
}

TEST(RandomBits, StreamsOfNodesAndUses) {
  EXPECT_EQ(random_stream(0, RandomUse::kActivation), 0U);
  EXPECT_EQ(random_stream(3, RandomUse::kWeightGradient), 26U);
  EXPECT_EQ(random_stream(8190, RandomUse::kInitialise), 65523U);
  EXPECT_LT(random_stream(8190, RandomUse::kInitialise), kShuffleStream);
}

}  // namespace
}  // namespace octet::model
