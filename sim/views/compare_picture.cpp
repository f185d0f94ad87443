#include "sim/views/compare_picture.hpp"

#include <fmt/core.h>

#include <algorithm>

#include "sim/views/svg.hpp"

namespace octet::sim {
namespace {

constexpr std::size_t kMostParts = 20;
constexpr double kLeft = 250, kBars = 560, kTop = 72, kPart = 34, kBar = 12;

}  // namespace

std::string compare_picture(const ComparedSide& a, const ComparedSide& b,
                            const std::string& title) {
  std::vector<ComparedPart> parts = compare_parts(a, b);
  if (parts.size() > kMostParts) parts.resize(kMostParts);
  double most = 1e-12;
  for (const ComparedPart& part : parts) most = std::max({most, part.seconds[0], part.seconds[1]});
  Svg svg(kLeft + kBars + 110, kTop + kPart * static_cast<double>(parts.size()) + 20, title);
  svg.text(12, 22, title);
  double x = 12;
  for (int i = 0; i < kCauses; ++i) {
    svg.rect(x, 36, 12, 12, fmt::format("c{}", i));
    svg.text(x + 17, 46, cause_name(static_cast<Cause>(i)), "start", "s");
    x += 100;
  }
  double y = kTop;
  for (const ComparedPart& part : parts) {
    svg.text(kLeft - 30, y + 17, part.layer + ", " + phase_name(part.phase), "end", "s");
    for (const std::size_t side : {0, 1}) {
      const double top = y + static_cast<double>(side) * (kBar + 2);
      svg.text(kLeft - 10, top + 10, side == 0 ? "A" : "B", "end", "s");
      double at = kLeft;
      const PhaseCauses& c = part.causes[side];
      for (std::size_t i = 0; i < kCauses && c.cycles > 0; ++i) {
        const double seconds = part.seconds[side] * c.by_cause[i] / static_cast<double>(c.cycles);
        const double width = kBars * seconds / most;
        svg.rect(at, top, width, kBar, fmt::format("c{}", i),
                 fmt::format("{}: {:.6g} ms, {}", side == 0 ? "A" : "B", 1e3 * seconds,
                             cause_name(static_cast<Cause>(i))));
        at += width;
      }
      svg.text(at + 5, top + 10, fmt::format("{:.4g} ms", 1e3 * part.seconds[side]), "start", "s");
    }
    y += kPart;
  }
  return svg.finish();
}

}  // namespace octet::sim
