#include "common/error.hpp"

namespace octet {

namespace {

std::string found_expected(const std::string& found, const std::string& expected) {
  return "found " + found + ", expected " + expected;
}

}  // namespace

Error input_error(const std::string& file, const std::string& field, const std::string& found,
                  const std::string& expected) {
  const std::string where = field.empty() ? file : file + ": " + field;
  return Error(where + ": " + found_expected(found, expected));
}

Error usage_error(const std::string& option, const std::string& found,
                  const std::string& expected) {
  return Error(option + ": " + found_expected(found, expected), 2);
}

}  // namespace octet
