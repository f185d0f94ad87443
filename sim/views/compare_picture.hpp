#pragma once
#include <string>

#include "sim/views/compare.hpp"

namespace octet::sim {

// The parts with the largest differences as bars, A above B, each cut by cause; SVG.
[[nodiscard]] std::string compare_picture(const ComparedSide& a, const ComparedSide& b,
                                          const std::string& title);

}  // namespace octet::sim
