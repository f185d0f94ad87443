#pragma once
#include <string>

namespace octet::sim {

// A picture in SVG, piece by piece, readable on light and dark grounds. Lengths in pixels.
class Svg {
 public:
  Svg(double width, double height, const std::string& title);
  // `style`: one of the classes of the sheet in svg.cpp; `hint` is shown where the mouse rests.
  void rect(double x, double y, double width, double height, const std::string& style,
            const std::string& hint = "");
  void circle(double x, double y, double radius, const std::string& style,
              const std::string& hint = "");
  void line(double x1, double y1, double x2, double y2, const std::string& style);
  // `anchor`: start, middle or end.
  void text(double x, double y, const std::string& words, const std::string& anchor = "start",
            const std::string& style = "t");
  [[nodiscard]] std::string finish() const;

 private:
  std::string body_;
};

}  // namespace octet::sim
