#include "common/buffer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

// The address sanitizer would end the process where an allocation is refused.
extern "C" const char* __asan_default_options() {  // NOLINT: the sanitizer's name
  return "allocator_may_return_null=1";
}

namespace octet {
namespace {

constexpr std::size_t kCacheLine = 64;
constexpr std::size_t kHugePage = std::size_t{2} << 20;

bool aligned(const void* memory, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(memory) % alignment == 0;
}

TEST(Buffer, IsAligned) {
  for (std::size_t bytes = 1; bytes < 300; ++bytes)
    EXPECT_TRUE(aligned(Buffer<std::uint8_t>(bytes).data(), kCacheLine)) << bytes;
  EXPECT_TRUE(aligned(Buffer<std::int32_t>(kHugePage / 4 - 1).data(), kCacheLine));
  for (const std::size_t bytes : {kHugePage, kHugePage + 1, 3 * kHugePage - 1})
    EXPECT_TRUE(aligned(Buffer<std::uint8_t>(bytes).data(), kHugePage)) << bytes;
}

TEST(Buffer, HoldsWhatIsWritten) {
  for (const std::size_t count : {std::size_t{1}, kHugePage / 4 - 1, kHugePage / 4,
                                  5 * kHugePage / 4 + 3, std::size_t{9'000'001}}) {
    Buffer<std::int32_t> buffer(count);
    for (std::size_t i = 0; i < count; ++i) buffer[i] = static_cast<std::int32_t>(i * 7);
    const Buffer<std::int32_t> copy = buffer;
    buffer.resize(count + 100'000, -1);  // elsewhere
    for (std::size_t i = 0; i < count; i += 997) {
      ASSERT_EQ(buffer[i], static_cast<std::int32_t>(i * 7)) << i;
      ASSERT_EQ(copy[i], buffer[i]) << i;
    }
    EXPECT_EQ(buffer.back(), -1);
    EXPECT_EQ(copy, Buffer<std::int32_t>(buffer.begin(), buffer.begin() + copy.size()));
  }
}

TEST(Buffer, GivenValuesAreThere) {
  const Buffer<std::uint16_t> filled(1000, 513);
  for (const std::uint16_t value : filled) ASSERT_EQ(value, 513);
  const Buffer<std::uint16_t> none;
  EXPECT_TRUE(none.empty());
}

TEST(AllocateArray, OfNothingIsSomethingToRelease) {
  void* memory = allocate_array(0);
  EXPECT_NE(memory, nullptr);
  release_array(memory);
  release_array(nullptr);
}

TEST(AllocateArray, MoreThanThereIsThrows) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max();
  for (const std::size_t bytes : {kMost, kMost - 63, kMost - kHugePage, kMost / 2 + 1})
    EXPECT_THROW(static_cast<void>(allocate_array(bytes)), std::bad_alloc) << bytes;
}

}  // namespace
}  // namespace octet
