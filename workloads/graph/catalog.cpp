#include <algorithm>
#include <filesystem>

#include "common/error.hpp"
#include "workloads/graph/network.hpp"

namespace octet::workloads {

namespace {

namespace fs = std::filesystem;

// Files of the networks that come with Octet, sorted by name.
std::vector<fs::path> network_files() {
  std::error_code missing;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(OCTET_NETWORKS_DIR, missing)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  if (missing) {
    throw input_error(OCTET_NETWORKS_DIR, "", missing.message(), "the folder of Octet's networks");
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::vector<NetworkEntry> list_networks() {
  std::vector<NetworkEntry> entries;
  for (const fs::path& file : network_files()) {
    const Network network = read_network(file.string());
    entries.push_back({network.name, network.file, network.description});
  }
  return entries;
}

Network find_network(const std::string& name) {
  std::string known;
  for (const fs::path& file : network_files()) {
    if (file.stem() == name) return read_network(file.string());
    known += (known.empty() ? "" : ", ") + file.stem().string();
  }
  std::error_code ignored;
  if (fs::is_regular_file(name, ignored)) return read_network(name);
  throw usage_error("network", name.empty() ? "an empty name" : name,
                    "a network file or one of: " + known);
}

}  // namespace octet::workloads
