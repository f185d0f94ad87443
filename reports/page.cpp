#include "reports/page.hpp"

#include <stdexcept>
#include <string_view>

#include "reports/template.hpp"

namespace octet::reports {
namespace {

constexpr std::string_view kMarker = "/*RESULT*/";

// '<' appears in JSON only inside strings, where \u003c means the same.
std::string escape_markup(const std::string& json) {
  std::string escaped;
  escaped.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string render_page(const std::string& result_json) {
  const std::string_view page = page_template();
  const std::size_t marker = page.find(kMarker);
  if (marker == std::string_view::npos) {
    throw std::logic_error("reports/template.html: no marker /*RESULT*/");
  }
  std::string text(page.substr(0, marker));
  text += escape_markup(result_json);
  text += page.substr(marker + kMarker.size());
  return text;
}

}  // namespace octet::reports
