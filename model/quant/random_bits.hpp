#pragma once
#include <array>
#include <cstdint>

namespace octet::model {

// Addressed random bits: docs/numerics.md section 3. A function of its arguments alone.
struct RandomAddress {
  std::uint32_t seed = 0;
  std::uint32_t step = 0;
  std::uint32_t stream = 0;  // below 2^16
};

enum class RandomUse { kActivation = 0, kGradient = 1, kWeightGradient = 2, kInitialise = 3 };
inline constexpr std::uint32_t kShuffleStream = 65528;
inline constexpr std::uint32_t kAugmentStream = 65529;
[[nodiscard]] constexpr std::uint32_t random_stream(int node, RandomUse use) {
  return static_cast<std::uint32_t>(node) * 8 + static_cast<std::uint32_t>(use);
}

// Threefry-2x32 with `rounds` rounds (13 here; 20 is for the published test vectors).
[[nodiscard]] std::array<std::uint32_t, 2> threefry2x32(std::array<std::uint32_t, 2> key,
                                                        std::array<std::uint32_t, 2> counter,
                                                        int rounds = 13);

// 16 random bits of one element.
[[nodiscard]] std::uint16_t random_bits(const RandomAddress& address, std::uint64_t element);

// out[i] = random_bits(address, first + i) for i < count: the same bits, many at a time.
void fill_random_bits(const RandomAddress& address, std::uint64_t first, std::uint16_t* out,
                      std::size_t count);

}  // namespace octet::model
