#pragma once
#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

namespace octet::yaml {

// What a node holds, in words for an error: its text (cut if long), "nothing", "a list" or "a map".
[[nodiscard]] std::string describe(const YAML::Node& node);
// Shortest text that reads back as the same number.
[[nodiscard]] std::string format(double value);

// The whole text as a number, whatever the locale; nothing if it is not one.
[[nodiscard]] std::optional<long> parse_integer(const YAML::Node& node);
[[nodiscard]] std::optional<double> parse_number(const YAML::Node& node);

}  // namespace octet::yaml
