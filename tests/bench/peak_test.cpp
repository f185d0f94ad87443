#include "bench/peak.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/kernels/kernels.hpp"

namespace {

TEST(Peak, EveryTableWithVectorsHasOne) {
  const auto peaks = octet::bench::measure_peaks(1);
  for (const char* isa : {"avx2", "avx512", "amx"}) {
    const auto found = std::ranges::find(peaks, isa, &octet::bench::Peak::isa);
    if (octet::model::kernels_named(isa) == nullptr) {
      EXPECT_EQ(found, peaks.end()) << isa;
      continue;
    }
    ASSERT_NE(found, peaks.end()) << isa;
    EXPECT_GT(found->macs_per_second, 0.0) << isa;
    EXPECT_FALSE(found->instruction.empty());
  }
}

}  // namespace
