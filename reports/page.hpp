#pragma once
#include <string>

namespace octet::reports {

// The report of one run as a single HTML page that needs no network: template.html with
// `result_json` (a whole result.json, see result.schema.json) embedded in it. The text is not
// parsed; every '<' is written as \u003c, so that no string in it can end the script element.
[[nodiscard]] std::string render_page(const std::string& result_json);

}  // namespace octet::reports
