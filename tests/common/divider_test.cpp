#include "common/divider.hpp"

#include <gtest/gtest.h>

#include <random>

namespace octet {
namespace {

TEST(Divider, IsTheQuotient) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial < 2000; ++trial) {
    // Divisors of every size, next to powers of two as well.
    const int bits = static_cast<int>(random() % 62) + 1;
    const auto low = static_cast<std::int64_t>(random() % 3) - 1;
    std::int64_t d = trial % 2 == 0 ? static_cast<std::int64_t>(random() >> (64 - bits))
                                    : (std::int64_t{1} << bits) + low;
    if (d < 1) d = 1;
    const Divider divide(d);
    for (const std::int64_t n : {std::int64_t{0}, d - 1, d, INT64_MAX, INT64_MAX / d * d,
                                 INT64_MAX / d * d - 1, static_cast<std::int64_t>(random() >> 1)}) {
      ASSERT_EQ(divide(n), n / d) << n << " / " << d;
    }
  }
}

}  // namespace
}  // namespace octet
