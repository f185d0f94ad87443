#pragma once
#include <cstdint>
#include <string>

#include "sim/config/dram.hpp"

namespace octet::sim {

enum class DramPattern { kSequential, kStrided, kRandom, kMixed };

// Requests of one burst each, one after the other without end. All of it follows from the fields.
struct DramLoad {
  DramPattern pattern = DramPattern::kSequential;
  std::int64_t span = std::int64_t{1} << 30;  // bytes, from address 0
  std::int64_t stride = 4096;                 // bytes; strided only
  int write_percent = 0;                      // of the requests, chosen at random
  std::uint64_t seed = 1;

  struct Request {
    std::int64_t burst = 0;
    bool write = false;
  };
  [[nodiscard]] Request at(std::int64_t i, const Dram& dram) const {
    const std::int64_t bursts = span / dram.burst_bytes;
    const std::uint64_t bits = mix(static_cast<std::uint64_t>(i) + (seed << 40));
    Request r;
    r.write = static_cast<int>((bits >> 40) % 100) < write_percent;
    switch (pattern) {
      case DramPattern::kSequential:
      case DramPattern::kMixed:
        r.burst = i % bursts;
        break;
      case DramPattern::kStrided: {
        const std::int64_t step = stride / dram.burst_bytes;
        const std::int64_t rows = bursts / step;  // then on from the next burst
        r.burst = (i % rows) * step + i / rows % step;
        break;
      }
      case DramPattern::kRandom:
        r.burst = static_cast<std::int64_t>(bits % static_cast<std::uint64_t>(bursts));
        break;
    }
    return r;
  }

 private:
  // SplitMix64's finaliser: every bit of the result depends on every bit of `x`.
  static std::uint64_t mix(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
  }
};

}  // namespace octet::sim
