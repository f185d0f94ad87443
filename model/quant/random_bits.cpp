#include "model/quant/random_bits.hpp"

#include <bit>

#include "model/kernels/kernels.hpp"

namespace octet::model {
namespace {

constexpr int kRotations[8] = {13, 15, 26, 6, 17, 29, 16, 24};
constexpr std::uint32_t kParity = 0x1BD11BDA;

}  // namespace

std::array<std::uint32_t, 2> threefry2x32(std::array<std::uint32_t, 2> key,
                                          std::array<std::uint32_t, 2> counter, int rounds) {
  const std::array<std::uint32_t, 3> k = {key[0], key[1], kParity ^ key[0] ^ key[1]};
  std::uint32_t x0 = counter[0] + k[0];
  std::uint32_t x1 = counter[1] + k[1];
  for (int round = 0; round < rounds; ++round) {
    x0 += x1;
    x1 = std::rotl(x1, kRotations[round % 8]);
    x1 ^= x0;
    if (round % 4 == 3) {
      const auto n = static_cast<std::uint32_t>(round / 4 + 1);
      x0 += k[n % 3];
      x1 += k[(n + 1) % 3] + n;
    }
  }
  return {x0, x1};
}

std::uint16_t random_bits(const RandomAddress& address, std::uint64_t element) {
  const std::uint64_t block = element >> 2;
  const auto words =
      threefry2x32({address.seed, address.step},
                   {static_cast<std::uint32_t>(block),
                    address.stream + (static_cast<std::uint32_t>(block >> 32) << 16)});
  const std::uint32_t word = words[(element >> 1) & 1];
  return static_cast<std::uint16_t>(element & 1 ? word >> 16 : word & 0xFFFF);
}

void fill_random_bits(const RandomAddress& address, std::uint64_t first, std::uint16_t* out,
                      std::size_t count) {
  std::size_t done = 0;
  for (; done < count && ((first + done) & 3) != 0; ++done)
    out[done] = random_bits(address, first + done);
  const std::uint64_t block = (first + done) >> 2;
  const std::size_t blocks = (count - done) / 4;
  if (static_cast<std::uint32_t>(block) + blocks <= 0xFFFFFFFFU) {  // c0 does not wrap
    kernels().fill_random(address.seed, address.step, address.stream, block, out + done, blocks);
    done += 4 * blocks;
  }
  for (; done < count; ++done) out[done] = random_bits(address, first + done);
}

}  // namespace octet::model
