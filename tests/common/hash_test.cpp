#include "common/hash.hpp"

#include <gtest/gtest.h>

#include <string>

namespace octet {
namespace {

std::uint64_t of_text(const std::string& text) {
  Fnv1a hash;
  hash.add_bytes(std::as_bytes(std::span(text)));
  return hash.value();
}

// The test vectors of the hash's authors.
TEST(Fnv1a, KnownValues) {
  EXPECT_EQ(of_text(""), 0xCBF29CE484222325ULL);
  EXPECT_EQ(of_text("a"), 0xAF63DC4C8601EC8CULL);
  EXPECT_EQ(of_text("foobar"), 0x85944171F73967E8ULL);
}

TEST(Fnv1a, NumbersAreTheirLittleEndianBytes) {
  Fnv1a hash;
  hash.add(std::int64_t{0x0807060504030201});
  hash.add(0x1p-126F);
  EXPECT_EQ(hash.value(), of_text(std::string("\1\2\3\4\5\6\7\10\0\0\x80\0", 12)));
}

}  // namespace
}  // namespace octet
