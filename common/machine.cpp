#include "common/machine.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <fstream>
#include <string_view>
#include <thread>

namespace octet {

std::string processor_name(std::istream& cpuinfo) {
  constexpr std::string_view kField = "model name";
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with(kField)) continue;
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
    if (begin == std::string::npos) continue;
    return line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
  }
  return {};
}

std::string processor_name() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  if (std::string name = processor_name(cpuinfo); !name.empty()) return name;
  utsname names{};
  return uname(&names) == 0 ? static_cast<const char*>(names.machine) : "unknown";
}

int available_cores() {
  // glibc counts the cores of the affinity mask; 0 is "not known".
  return static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

}  // namespace octet
