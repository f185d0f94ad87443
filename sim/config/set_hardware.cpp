// A hardware file, and fields set over it.
#include "sim/config/hardware_map.hpp"

namespace octet::sim {

Hardware read_hardware(const std::string& path, const std::vector<std::string>& settings) {
  Hardware hw =
      read_hardware_map(YamlMap::read_file(path), path);  // what is wrong here is the file
  if (settings.empty()) return hw;
  YamlMap map = YamlMap::read_file(path);
  std::string label;
  std::string name = hw.name;
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw usage_error("--set-hardware", "'" + setting + "'", "FIELD=VALUE, a field of the file");
    }
    const std::string field = setting.substr(0, equals);
    if (field == "name") {
      throw usage_error("--set-hardware", "name",
                        "another field: the name follows from what is set");
    }
    map.set(field, setting.substr(equals + 1));
    label.append("--set-hardware ").append(setting).append(" ");
    name.append("+").append(setting);
  }
  map.set_file(label + "over " + path);
  try {
    hw = read_hardware_map(map, path);
  } catch (const Error& error) {
    throw Error(error.what(), 2);
  }
  hw.name = name;
  return hw;
}

}  // namespace octet::sim
