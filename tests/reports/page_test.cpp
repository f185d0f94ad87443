#include "reports/page.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "reports/template.hpp"

namespace octet::reports {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// What the page's script finds in the element that holds the result.
std::string embedded(const std::string& page) {
  const std::string open = "<script type=\"application/json\" id=\"result\">";
  const std::size_t begin = page.find(open) + open.size();
  return page.substr(begin, page.find("</script>", begin) - begin);
}

TEST(PageTemplate, IsTheFileByteForByte) {
  EXPECT_EQ(std::string(page_template()), read(OCTET_SOURCE_DIR "/reports/template.html"));
}

TEST(PageTemplate, HasOneMarker) {
  EXPECT_EQ(occurrences(std::string(page_template()), "/*RESULT*/"), 1U);
}

TEST(RenderPage, PutsTheResultAtTheMarker) {
  const std::string result = read(OCTET_SOURCE_DIR "/tests/reports/train.json");
  const std::string page = render_page(result);
  EXPECT_EQ(embedded(page), result);
  EXPECT_EQ(page.find("/*RESULT*/"), std::string::npos);
  EXPECT_EQ(page.size(), page_template().size() - 10 + result.size());
}

TEST(RenderPage, NoTextInTheResultEndsTheScript) {
  const std::string page = render_page(R"({"name": "</script><!--<script>alert(1)</script>"})");
  EXPECT_EQ(embedded(page),
            R"({"name": "\u003c/script>\u003c!--\u003cscript>alert(1)\u003c/script>"})");
  EXPECT_EQ(occurrences(page, "</script>"), occurrences(std::string(page_template()), "</script>"));
}

TEST(RenderPage, LeavesTheMarkerAloneInsideTheResult) {
  EXPECT_EQ(embedded(render_page(R"({"name": "/*RESULT*/"})")), R"({"name": "/*RESULT*/"})");
}

TEST(RenderPage, ReachesForNothingOutsideItself) {
  std::string page = render_page("{}");
  const std::string svg_namespace = "http://www.w3.org/2000/svg";  // a name, never fetched
  for (std::size_t at = page.find(svg_namespace); at != std::string::npos;
       at = page.find(svg_namespace)) {
    page.erase(at, svg_namespace.size());
  }
  // A comment of the script is "// " with a space; a protocol-relative address has none.
  const std::regex outside(R"(https?:|[\s"'(=]//[a-z]|@import|[^a-z]url\(|href="(?!data:)|src=|)"
                           R"(fetch\(|XMLHttpRequest|WebSocket|sendBeacon)",
                           std::regex::icase);
  std::smatch found;
  EXPECT_FALSE(std::regex_search(page, found, outside)) << found.str();
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
}

}  // namespace
}  // namespace octet::reports
