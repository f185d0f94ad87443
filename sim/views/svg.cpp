#include "sim/views/svg.hpp"

#include <fmt/core.h>

namespace octet::sim {
namespace {

// t: text, s: small text, g: grid, a: axis, p: point, f: point of the front, l: front line,
// c0 .. c3: parts of a bar.
constexpr const char* kSheet =
    "text{font:13px sans-serif;fill:#1c1c1e}.s{font-size:11px;fill:#6b6b70}"
    ".g{stroke:#d8d8dc;stroke-width:1}.a{stroke:#6b6b70;stroke-width:1}"
    ".l{stroke:#c2410c;stroke-width:2}.p{fill:#8a8a90}.f{fill:#c2410c}.bg{fill:#ffffff}"
    ".c0{fill:#2563a8}.c1{fill:#8a5fb0}.c2{fill:#c2410c}.c3{fill:#b8b8be}"
    "@media (prefers-color-scheme:dark){text{fill:#f0f0f2}.s{fill:#a8a8ae}.g{stroke:#3a3a3e}"
    ".a{stroke:#a8a8ae}.bg{fill:#18181a}.p{fill:#8e8e96}.l{stroke:#f08a4b}.f{fill:#f08a4b}"
    ".c0{fill:#6aa5e0}.c1{fill:#b893dc}.c2{fill:#f08a4b}.c3{fill:#5c5c62}}";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (static_cast<unsigned char>(c) >= ' ') {
      out += c;
    }
  }
  return out;
}

std::string hinted(const std::string& element, const std::string& tag, const std::string& hint) {
  if (hint.empty()) return element + "/>\n";
  return fmt::format("{}><title>{}</title></{}>\n", element, escaped(hint), tag);
}

}  // namespace

Svg::Svg(double width, double height, const std::string& title) {
  body_ = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:g}\" height=\"{1:g}\" "
      "viewBox=\"0 0 {0:g} {1:g}\" role=\"img\">\n<title>{2}</title>\n<style>{3}</style>\n"
      "<rect class=\"bg\" width=\"{0:g}\" height=\"{1:g}\"/>\n",
      width, height, escaped(title), kSheet);
}

void Svg::rect(double x, double y, double width, double height, const std::string& style,
               const std::string& hint) {
  body_ += hinted(fmt::format("<rect class=\"{}\" x=\"{:.2f}\" y=\"{:.2f}\" width=\"{:.2f}\" "
                              "height=\"{:.2f}\"",
                              style, x, y, width, height),
                  "rect", hint);
}

void Svg::circle(double x, double y, double radius, const std::string& style,
                 const std::string& hint) {
  body_ += hinted(fmt::format("<circle class=\"{}\" cx=\"{:.2f}\" cy=\"{:.2f}\" r=\"{:.2f}\"",
                              style, x, y, radius),
                  "circle", hint);
}

void Svg::line(double x1, double y1, double x2, double y2, const std::string& style) {
  body_ +=
      fmt::format("<line class=\"{}\" x1=\"{:.2f}\" y1=\"{:.2f}\" x2=\"{:.2f}\" y2=\"{:.2f}\"/>\n",
                  style, x1, y1, x2, y2);
}

void Svg::text(double x, double y, const std::string& words, const std::string& anchor,
               const std::string& style) {
  body_ +=
      fmt::format("<text class=\"{}\" x=\"{:.2f}\" y=\"{:.2f}\" text-anchor=\"{}\">{}</text>\n",
                  style, x, y, anchor, escaped(words));
}

std::string Svg::finish() const { return body_ + "</svg>\n"; }

}  // namespace octet::sim
