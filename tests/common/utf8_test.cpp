#include "common/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace octet {
namespace {

TEST(Utf8, CharactersOfEveryLengthAreWhole) {
  for (const std::string text :
       {"", "plain", "\x7f", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    EXPECT_EQ(find_not_utf8(text), text.size()) << text;
    EXPECT_EQ(find_not_utf8("a" + text + "b"), text.size() + 2) << text;
    EXPECT_EQ(to_utf8(text), text);
  }
}

TEST(Utf8, WhatIsNoneIsFound) {
  for (const std::string bad :
       {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC3", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80",
        "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    EXPECT_EQ(find_not_utf8(bad), 0U);
    EXPECT_EQ(find_not_utf8("ab" + bad), 2U);
    EXPECT_EQ(find_not_utf8("ab" + bad + "cd"), 2U);
    const std::string mended = to_utf8("ab" + bad + "cd");
    EXPECT_EQ(find_not_utf8(mended), mended.size());
    EXPECT_TRUE(mended.starts_with("ab\xEF\xBF\xBD")) << mended;
    EXPECT_TRUE(mended.ends_with("cd")) << mended;
  }
  EXPECT_EQ(to_utf8("Andr\xE9.idx"), "Andr\xEF\xBF\xBD.idx");
}

}  // namespace
}  // namespace octet
