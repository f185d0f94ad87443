#include "bench/peak.hpp"

#include <algorithm>
#include <chrono>
#include <latch>
#include <thread>

#include "bench/peak_loops.hpp"
#include "model/kernels/kernels.hpp"

namespace octet::bench {
namespace {

using Clock = std::chrono::steady_clock;

// Wall-clock seconds of `rounds` rounds on each of `threads` threads, from when all stand ready.
double seconds_of(const PeakLoop& loop, long rounds, int threads) {
  std::latch ready(threads + 1);
  std::vector<std::thread> others;
  for (int i = 0; i < threads; ++i)
    others.emplace_back([&] {
      ready.arrive_and_wait();
      loop.run(rounds);
    });
  ready.arrive_and_wait();
  const Clock::time_point start = Clock::now();
  for (std::thread& other : others) other.join();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double best_rate(const PeakLoop& loop, int threads) {
  constexpr double kWindow = 0.03;  // seconds: far above the cost of starting a thread
  constexpr int kWindows = 5;
  long rounds = 1 << 16;
  while (seconds_of(loop, rounds, threads) < kWindow) rounds *= 2;
  double best = seconds_of(loop, rounds, threads);
  for (int i = 1; i < kWindows; ++i) best = std::min(best, seconds_of(loop, rounds, threads));
  return static_cast<double>(rounds) * threads * loop.macs_per_round / best;
}

}  // namespace

std::vector<Peak> measure_peaks(int threads) {
  std::vector<Peak> peaks;
#if defined(__x86_64__)
  for (const PeakLoop* loop : {&kPeakAvx2, &kPeakAvx512, &kPeakAmx})
    if (model::kernels_named(loop->isa) != nullptr)
      peaks.push_back({loop->isa, loop->instruction, best_rate(*loop, threads)});
#else
  static_cast<void>(threads);
#endif
  return peaks;
}

}  // namespace octet::bench
