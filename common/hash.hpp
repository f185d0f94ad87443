#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace octet {

// FNV-1a, 64 bits (Fowler, Noll, Vo): tells whether two runs or two files say the same. It is no
// defence against somebody who wants two of them to collide.
class Fnv1a {
 public:
  void add_bytes(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes)
      hash_ = (hash_ ^ static_cast<std::uint64_t>(byte)) * 0x100000001B3ULL;
  }
  void add(std::span<const float> values) { add_bytes(std::as_bytes(values)); }
  void add(float value) { add_bytes(std::as_bytes(std::span(&value, 1))); }
  void add(std::int64_t value) { add_bytes(std::as_bytes(std::span(&value, 1))); }
  [[nodiscard]] std::uint64_t value() const { return hash_; }

 private:
  static_assert(std::endian::native == std::endian::little, "hashes are over little-endian bytes");
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
};

}  // namespace octet
