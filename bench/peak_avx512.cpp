#include "bench/peak_loops.hpp"

#if defined(__x86_64__)
#include <immintrin.h>

namespace octet::bench {
namespace {

constexpr int kSums =
    16;  // enough to hide the latency of each on every port that has the instruction

void run(long rounds) {
  __m512i sums[kSums];
  for (auto& sum : sums) sum = _mm512_setzero_si512();
  __m512i a = _mm512_set1_epi8(3);
  const __m512i b = _mm512_set1_epi8(5);
  for (long i = 0; i < rounds; ++i) {
    __asm__ volatile("" : "+v"(a));  // a new operand each time, as far as the compiler knows
    for (auto& sum : sums) sum = _mm512_dpbusd_epi32(sum, a, b);
  }
  for (auto& sum : sums) __asm__ volatile("" : : "v"(sum));
}

}  // namespace

const PeakLoop kPeakAvx512{"avx512", "vpdpbusd", kSums * 64.0, run};

}  // namespace octet::bench
#endif
