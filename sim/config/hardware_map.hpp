#pragma once
#include <string>

#include "common/yaml_reader.hpp"
#include "sim/config/hardware.hpp"

namespace octet::sim {

// The machine that `top` describes; `path` is the file it comes from.
[[nodiscard]] Hardware read_hardware_map(YamlMap top, const std::string& path);

}  // namespace octet::sim
