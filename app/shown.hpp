#pragma once
#include <fmt/format.h>

#include <cmath>
#include <string>

namespace octet::app {

// So many decimals, or three significant digits where those would leave less than two of a small
// figure: what was spent is never shown as nothing.
[[nodiscard]] inline std::string shown(double value, int decimals) {
  const bool small = value != 0.0 && std::abs(value) < 10.0 * std::pow(10.0, -decimals);
  return small ? fmt::format("{:.3g}", value) : fmt::format("{:.{}f}", value, decimals);
}

// A figure and its error bars: "39.924 mJ (24.621 to 67.203)".
[[nodiscard]] inline std::string shown_bars(double typical, double low, double high, int decimals,
                                            const char* unit) {
  return fmt::format("{} {} ({} to {})", shown(typical, decimals), unit, shown(low, decimals),
                     shown(high, decimals));
}

}  // namespace octet::app
