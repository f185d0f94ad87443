#pragma once
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/error.hpp"

namespace octet::testing {

// `action` must throw octet::Error with exactly this text, and it must be one line.
template <typename Action>
void expect_error(Action action, const std::string& text, int exit_status = 1) {
  try {
    action();
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), text);
    EXPECT_EQ(error.exit_status(), exit_status);
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return;
  }
  ADD_FAILURE() << "no error, expected: " << text;
}

// As above, where only parts of the text are known.
template <typename Action>
void expect_error_with(Action action, const std::vector<std::string>& parts, int exit_status = 1) {
  try {
    action();
  } catch (const Error& error) {
    const std::string text = error.what();
    for (const std::string& part : parts) {
      EXPECT_NE(text.find(part), std::string::npos) << "no \"" << part << "\" in: " << text;
    }
    EXPECT_EQ(error.exit_status(), exit_status);
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    return;
  }
  ADD_FAILURE() << "no error, expected one with: " << parts.front();
}

}  // namespace octet::testing
