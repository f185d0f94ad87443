#include "common/memory.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace octet {
namespace {

TEST(PeakMemory, HoldsWhatWasTouchedAndNeverFalls) {
  constexpr std::size_t kBytes = std::size_t{96} << 20;
  const std::int64_t before = peak_memory_bytes();
  EXPECT_GT(before, 1 << 20);
  {
    std::vector<char> touched(kBytes, 1);
    EXPECT_EQ(touched[kBytes / 2], 1);
    EXPECT_GE(peak_memory_bytes(), static_cast<std::int64_t>(kBytes));
  }
  EXPECT_GE(peak_memory_bytes(), static_cast<std::int64_t>(kBytes));
}

}  // namespace
}  // namespace octet
