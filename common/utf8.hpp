#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace octet {

// Where the first byte stands that is no part of UTF-8; text.size() where there is none.
[[nodiscard]] std::size_t find_not_utf8(std::string_view text);
// The text with U+FFFD in the place of each such byte: what a path is in JSON.
[[nodiscard]] std::string to_utf8(std::string_view text);

}  // namespace octet
