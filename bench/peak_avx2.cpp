#include "bench/peak_loops.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

namespace octet::bench {
namespace {

// vpmaddwd: 8 pairs of 16-bit products, each pair added; the sums are 8 more instructions, as in a
// kernel that must keep them.
constexpr int kSums = 8;

void run(long rounds) {
  __m256i sums[kSums];
  for (auto& sum : sums) sum = _mm256_setzero_si256();
  __m256i a = _mm256_set1_epi16(3);
  const __m256i b = _mm256_set1_epi16(5);
  for (long i = 0; i < rounds; ++i)
    for (auto& sum : sums) {
      __asm__ volatile("" : "+x"(a));  // a new operand each time, as far as the compiler knows
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
    }
  for (auto& sum : sums) __asm__ volatile("" : : "x"(sum));
}

}  // namespace

const PeakLoop kPeakAvx2{"avx2", "vpmaddwd", kSums * 16.0, run};

}  // namespace octet::bench
#endif
