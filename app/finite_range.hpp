#pragma once
#include <CLI/CLI.hpp>
#include <cmath>
#include <string>

namespace octet::app {

// CLI::Range lets "nan" pass: it is neither below nor above.
[[nodiscard]] inline CLI::Validator finite_range(double low, double high) {
  return CLI::Range(low, high) & CLI::Validator(
                                     [](std::string& text) {
                                       double value = 0.0;
                                       const bool number = CLI::detail::lexical_cast(text, value);
                                       return number && std::isfinite(value)
                                                  ? std::string()
                                                  : "found " + text + ", expected a number";
                                     },
                                     "");
}

}  // namespace octet::app
