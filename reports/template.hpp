#pragma once
#include <string_view>

namespace octet::reports {

// template.html, as it was at build time (embed.cmake writes the definition).
[[nodiscard]] std::string_view page_template();

}  // namespace octet::reports
