#include "sim/explore/picture.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "sim/views/svg.hpp"

namespace octet::sim::explore {
namespace {

constexpr double kWidth = 820, kHeight = 460, kLeft = 80, kRight = 30, kTop = 40, kBottom = 50;
constexpr std::size_t kMostPoints = 20000;

// A logarithmic axis from pixel a to pixel b.
struct Scale {
  double low, high, a, b;
  [[nodiscard]] double at(double value) const {
    return a + (b - a) * (std::log(value) - std::log(low)) / (std::log(high) - std::log(low));
  }
};

Scale scale_of(double low, double high, double a, double b) {
  if (!(low > 0.0)) low = 1e-12;
  if (!(high > low)) high = low * 1.01;
  const double room = std::pow(high / low, 0.06);
  return {low / room, high * room, a, b};
}

// 1, 2 and 5 of each decade within the scale; both ends where fewer than two lie there.
std::vector<double> ticks(const Scale& s) {
  std::vector<double> all;
  for (double decade = std::pow(10.0, std::floor(std::log10(s.low))); decade < s.high;
       decade *= 10.0) {
    for (const double step : {1.0, 2.0, 5.0}) {
      if (decade * step >= s.low && decade * step <= s.high) all.push_back(decade * step);
    }
  }
  if (all.size() < 2) all = {s.low, s.high};
  return all;
}

std::string hint(const Panel& panel, std::size_t i) {
  const Outcome& o = panel.outcomes[i];
  std::string text = fmt::format("{}: {:.5g} ms, {:.5g} mJ an image", panel.labels[i],
                                 1e3 * o.seconds_per_image(), 1e3 * o.joules_per_image());
  if (o.area_mm2) text += fmt::format(", {:.5g} mm2", *o.area_mm2);
  return text;
}

void draw(Svg& svg, const Panel& panel, double top) {
  svg.text(kLeft, top + 22, panel.title);
  double time[2] = {1e300, 0.0};
  double energy[2] = {1e300, 0.0};
  for (const Outcome& o : panel.outcomes) {
    if (!o.ok) continue;
    time[0] = std::min(time[0], 1e3 * o.seconds_per_image());
    time[1] = std::max(time[1], 1e3 * o.seconds_per_image());
    energy[0] = std::min(energy[0], 1e3 * o.joules_per_image());
    energy[1] = std::max(energy[1], 1e3 * o.joules_per_image());
  }
  if (time[1] == 0.0) return;
  const Scale x = scale_of(time[0], time[1], kLeft, kWidth - kRight);
  const Scale y = scale_of(energy[0], energy[1], top + kHeight - kBottom, top + kTop);
  for (const double t : ticks(x)) {
    svg.line(x.at(t), y.a, x.at(t), y.b, "g");
    svg.text(x.at(t), y.a + 18, fmt::format("{:.4g}", t), "middle", "s");
  }
  for (const double t : ticks(y)) {
    svg.line(x.a, y.at(t), x.b, y.at(t), "g");
    svg.text(x.a - 8, y.at(t) + 4, fmt::format("{:.4g}", t), "end", "s");
  }
  svg.line(x.a, y.a, x.b, y.a, "a");
  svg.line(x.a, y.a, x.a, y.b, "a");
  svg.text(x.b, y.a + 38, "ms an image", "end", "s");
  svg.text(x.a, y.b - 6, "mJ an image", "middle", "s");
  const auto at = [&](std::size_t i) {
    const Outcome& o = panel.outcomes[i];
    return std::pair(x.at(1e3 * o.seconds_per_image()), y.at(1e3 * o.joules_per_image()));
  };
  const std::size_t every = panel.outcomes.size() / kMostPoints + 1;
  for (std::size_t i = 0; i < panel.outcomes.size(); i += every) {
    if (panel.outcomes[i].ok) svg.circle(at(i).first, at(i).second, 3, "p", hint(panel, i));
  }
  double best = 1e300;  // energy: with area, some of the front lie above the line
  std::pair<double, double> before;
  for (const std::size_t i : panel.front) {
    const double joules = panel.outcomes[i].joules_per_image();
    if (joules >= best) continue;
    if (best < 1e300) {
      svg.line(before.first, before.second, at(i).first, before.second, "l");
      svg.line(at(i).first, before.second, at(i).first, at(i).second, "l");
    }
    best = joules;
    before = at(i);
  }
  for (const std::size_t i : panel.front)
    svg.circle(at(i).first, at(i).second, 5, "f", hint(panel, i));
}

}  // namespace

std::string pareto_picture(const std::vector<Panel>& panels) {
  Svg svg(kWidth, kHeight * static_cast<double>(std::max<std::size_t>(1, panels.size())),
          "Time and energy an image");
  double top = 0.0;
  for (const Panel& panel : panels) {
    draw(svg, panel, top);
    top += kHeight;
  }
  return svg.finish();
}

}  // namespace octet::sim::explore
