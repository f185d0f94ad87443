#include "common/error.hpp"

#include <gtest/gtest.h>

namespace octet {
namespace {

TEST(Error, InputErrorNamesFileFieldFoundAndExpected) {
  const Error error = input_error("a.yaml:3", "layers.conv1.out", "0", "1 to 9");
  EXPECT_STREQ(error.what(), "a.yaml:3: layers.conv1.out: found 0, expected 1 to 9");
  EXPECT_EQ(error.exit_status(), 1);
}

TEST(Error, EmptyFieldIsLeftOut) {
  EXPECT_STREQ(input_error("a.gz", "", "x", "y").what(), "a.gz: found x, expected y");
}

TEST(Error, UsageErrorExitsWithTwo) {
  const Error error = usage_error("--batch", "-1", "1 or more");
  EXPECT_STREQ(error.what(), "--batch: found -1, expected 1 or more");
  EXPECT_EQ(error.exit_status(), 2);
}

}  // namespace
}  // namespace octet
