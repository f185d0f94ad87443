#include "model/trainer/buffer_pool.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace octet::model {
namespace {

TEST(BufferPool, GivesTheSizeAskedFor) {
  BufferPool<std::int32_t> pool;
  for (const std::size_t size : {0U, 1U, 1000U, 10U, 5000U, 0U}) {
    Buffer<std::int32_t> buffer = pool.take(size);
    EXPECT_EQ(buffer.size(), size);
    for (auto& value : buffer) value = 1;
    pool.give_back(std::move(buffer));
  }
}

TEST(BufferPool, UsesTheOneGivenBackLastThatHoldsIt) {
  BufferPool<std::uint8_t> pool;
  Buffer<std::uint8_t> small = pool.take(100), middle = pool.take(200), large = pool.take(300);
  const void* const at_small = small.data();
  const void* const at_middle = middle.data();
  const void* const at_large = large.data();
  pool.give_back(std::move(middle));
  pool.give_back(std::move(large));
  pool.give_back(std::move(small));
  const Buffer<std::uint8_t> a = pool.take(150), b = pool.take(100), c = pool.take(120);
  EXPECT_EQ(a.data(), at_large);
  EXPECT_EQ(b.data(), at_small);
  EXPECT_EQ(c.data(), at_middle);
}

TEST(BufferPool, WhereNoneHoldsItTheLargestGrows) {
  BufferPool<std::uint8_t> pool;
  Buffer<std::uint8_t> small = pool.take(100), large = pool.take(300), middle = pool.take(200);
  const void* const at_small = small.data();
  const void* const at_middle = middle.data();
  pool.give_back(std::move(small));
  pool.give_back(std::move(large));
  pool.give_back(std::move(middle));
  const Buffer<std::uint8_t> a = pool.take(1000), b = pool.take(100), c = pool.take(100);
  EXPECT_EQ(b.data(), at_middle);
  EXPECT_EQ(c.data(), at_small);
}

TEST(BufferPool, UsesTheOneGivenBackLast) {
  BufferPool<std::int32_t> pool;
  Buffer<std::int32_t> first = pool.take(100), second = pool.take(100), third = pool.take(100);
  const void* const at_first = first.data();
  const void* const at_second = second.data();
  const void* const at_third = third.data();
  pool.give_back(std::move(third));
  pool.give_back(std::move(first));
  pool.give_back(std::move(second));
  const Buffer<std::int32_t> a = pool.take(100), b = pool.take(90), c = pool.take(100);
  EXPECT_EQ(a.data(), at_second);
  EXPECT_EQ(b.data(), at_first);
  EXPECT_EQ(c.data(), at_third);
}

TEST(BufferPool, NeverHandsOutWhatIsInUse) {
  std::mt19937 random(1);
  BufferPool<std::uint16_t> pool;
  std::vector<Buffer<std::uint16_t>> used;
  std::uint16_t mark = 0;
  std::vector<std::uint16_t> marks;
  for (int i = 0; i < 3000; ++i) {
    if (used.empty() || random() % 2 == 0) {
      used.push_back(pool.take(random() % 400 + 1));
      marks.push_back(++mark);
      for (auto& value : used.back()) value = mark;
    } else {
      const std::size_t which = random() % used.size();
      for (const std::uint16_t value : used[which]) ASSERT_EQ(value, marks[which]);
      pool.give_back(std::move(used[which]));
      used.erase(used.begin() + static_cast<std::ptrdiff_t>(which));
      marks.erase(marks.begin() + static_cast<std::ptrdiff_t>(which));
    }
    std::set<const void*> places;
    for (const auto& buffer : used) places.insert(buffer.data());
    ASSERT_EQ(places.size(), used.size());
  }
}

// A training step that asks for the same sizes again needs no new memory.
TEST(BufferPool, TheSecondRoundUsesTheFirstOnesMemory) {
  BufferPool<std::int32_t> pool;
  std::set<const void*> places;
  for (int round = 0; round < 5; ++round) {
    std::vector<Buffer<std::int32_t>> used;
    for (const std::size_t size : {500U, 20U, 500U, 7000U}) {
      used.push_back(pool.take(size));
      places.insert(used.back().data());
    }
    for (auto& buffer : used) pool.give_back(std::move(buffer));
  }
  EXPECT_LE(places.size(), 7U);  // the largest grows while the pool fills
}

TEST(BufferPool, KeepsNothingEmpty) {
  BufferPool<std::int32_t> pool;
  pool.give_back({});
  EXPECT_EQ(pool.take(5).size(), 5U);
}

}  // namespace
}  // namespace octet::model
