#pragma once
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "common/error.hpp"

namespace octet::cosim {

// The files DIR/*.UNIT.capture in the order of their names; none for an empty `folder`.
inline std::vector<std::string> captures_of(const std::string& folder, const std::string& unit) {
  std::vector<std::string> files;
  if (folder.empty()) return files;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    const std::string ending = "." + unit + ".capture";
    if (name.size() > ending.size() && name.ends_with(ending)) {
      files.push_back(entry.path().string());
    }
  }
  if (error) throw Error(folder + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace octet::cosim
