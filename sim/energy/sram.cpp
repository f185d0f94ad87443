#include "sim/energy/sram.hpp"

#include <algorithm>
#include <cmath>

namespace octet::sim {
namespace {

using Field = double SramPoint::*;

struct Axes {
  std::vector<double> bytes, bits;  // ascending
};

Axes axes_of(const SramTable& table) {
  Axes axes;
  for (const SramPoint& point : table.points) {
    if (std::find(axes.bytes.begin(), axes.bytes.end(), point.bytes) == axes.bytes.end())
      axes.bytes.push_back(point.bytes);
    if (std::find(axes.bits.begin(), axes.bits.end(), point.bits) == axes.bits.end())
      axes.bits.push_back(point.bits);
  }
  std::sort(axes.bytes.begin(), axes.bytes.end());
  std::sort(axes.bits.begin(), axes.bits.end());
  return axes;
}

// The segment of `axis` that holds x, or the last one before or after it, and the place in it:
// 0 at its lower end, 1 at its upper; beyond the axis below 0 or above 1.
struct Place {
  double lower = 0.0, upper = 0.0, t = 0.0;
};
Place place_on(const std::vector<double>& axis, double x) {
  if (axis.size() < 2) return {axis.front(), axis.front(), 0.0};
  std::size_t i = 1;
  while (i + 1 < axis.size() && x > axis[i]) ++i;
  return {axis[i - 1], axis[i], std::log(x / axis[i - 1]) / std::log(axis[i] / axis[i - 1])};
}

double point_at(const SramTable& table, double bytes, double bits, Field field) {
  for (const SramPoint& point : table.points) {
    if (point.bytes == bytes && point.bits == bits) return point.*field;
  }
  return 0.0;  // the reader makes sure that the grid is full
}

double between(double a, double b, double t) {
  if (t == 0.0) return a;
  if (t == 1.0) return b;
  // A leakage may be rounded to zero in a table: no logarithm of that.
  if (a <= 0.0 || b <= 0.0) return std::max(0.0, a + (b - a) * std::clamp(t, 0.0, 1.0));
  return a * std::pow(b / a, t);
}

double interpolate(const SramTable& table, const Axes& axes, double bytes, double bits,
                   Field field) {
  const Place c = place_on(axes.bytes, bytes);
  const Place w = place_on(axes.bits, bits);
  const auto at_width = [&](double width) {
    return between(point_at(table, c.lower, width, field), point_at(table, c.upper, width, field),
                   c.t);
  };
  return between(at_width(w.lower), at_width(w.upper), w.t);
}

// An access of the second table at this capacity, 0 without one; its ends hold beyond them.
double second_at(const SramTable& table, double bytes) {
  if (table.second.empty()) return 0.0;
  std::vector<double> axis;
  for (const SramTable::Second& s : table.second) axis.push_back(s.bytes);
  const Place place = place_on(axis, std::clamp(bytes, axis.front(), axis.back()));
  const auto value = [&](double capacity) {
    for (const SramTable::Second& s : table.second) {
      if (s.bytes == capacity) return s.pj;
    }
    return 0.0;
  };
  return between(value(place.lower), value(place.upper), place.t);
}

void span(Spread& spread, double value) {
  spread.low = std::min(spread.low, value);
  spread.high = std::max(spread.high, value);
}

}  // namespace

SramMacro sram_macro(const SramTable& table, double bytes, double bits) {
  const Axes axes = axes_of(table);
  const double widest = axes.bits.back();
  // Wider than the widest macro: equal macros side by side. Narrower than the narrowest: a whole
  // word is read and a part of it used.
  const double beside = std::max(1.0, bits / widest);
  const double width = std::clamp(bits, axes.bits.front(), widest);
  const double capacity = bytes / beside;
  const double inside = std::clamp(capacity, axes.bytes.front(), axes.bytes.back());
  const double over = std::max(1.0, capacity / axes.bytes.back());
  const auto value = [&](double size, Field field) {
    return interpolate(table, axes, size, width, field);
  };
  const auto energy = [&](Field field) {
    const double edge = value(inside, field);
    // Smaller: the slope of the first segment goes on, the smallest macro bounds it. Larger: wires
    // grow with the side of the square; an access that pays for no wire bounds it.
    const double typical =
        over > 1.0 ? edge * std::sqrt(over) : value(std::min(capacity, inside), field);
    Spread spread = table.energy.value * typical;
    span(spread, table.energy.value.typical * edge);
    // The second table is of 64-bit accesses: other widths differ from it as the points do.
    const double second = second_at(table, capacity);
    if (second > 0.0) {
      const double ratio =
          value(inside, field) /
          interpolate(table, axes, inside, std::clamp(64.0, axes.bits.front(), widest), field);
      span(spread, second * ratio * std::sqrt(over));
    }
    return spread * beside;
  };
  SramMacro macro;
  macro.read_pj = energy(&SramPoint::read_pj);
  macro.write_pj = energy(&SramPoint::write_pj);
  // Leakage and area go with the bits beyond the points.
  const double scale = beside * capacity / inside;
  macro.leakage_mw = table.leakage.value * (value(inside, &SramPoint::leakage_mw) * scale);
  macro.area_mm2 = table.area.value * (value(inside, &SramPoint::area_mm2) * scale);
  // Macros side by side are as fast as one; beyond the points its wires grow with the side.
  macro.cycle_ns = table.cycle.value *
                   (value(std::min(capacity, inside), &SramPoint::cycle_ns) * std::sqrt(over));
  return macro;
}

}  // namespace octet::sim
