#pragma once

namespace octet::sim {

// A figure with its error bars: low <= typical <= high. Figures of one table move together, so sums
// add each of the three (docs/energy.md says why).
struct Spread {
  double low = 0.0, typical = 0.0, high = 0.0;
  Spread& operator+=(const Spread& other) {
    low += other.low;
    typical += other.typical;
    high += other.high;
    return *this;
  }
};
[[nodiscard]] inline Spread operator+(Spread a, const Spread& b) { return a += b; }
// `factor` is not negative.
[[nodiscard]] inline Spread operator*(const Spread& a, double factor) {
  return {a.low * factor, a.typical * factor, a.high * factor};
}
// Of two figures that are both uncertain and not negative.
[[nodiscard]] inline Spread operator*(const Spread& a, const Spread& b) {
  return {a.low * b.low, a.typical * b.typical, a.high * b.high};
}

}  // namespace octet::sim
