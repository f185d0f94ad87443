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

}  // namespace octet::app
