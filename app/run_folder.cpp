#include "app/run_folder.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "app/result.hpp"
#include "common/error.hpp"

namespace octet::app {
namespace {

namespace fs = std::filesystem;

constexpr std::array kWritten = {"checkpoint", "result.json", "report.html", "angles.csv"};

// What runs leave that were killed while they wrote a file: common/write_file.cpp.
void remove_leftovers(const std::string& folder) {
  const auto is_leftover = [](const std::string& name) {
    const auto begins = [&](const std::string& file) { return name.starts_with(file + ".tmp-"); };
    return begins(kFolderProbe) || std::any_of(kWritten.begin(), kWritten.end(), begins);
  };
  std::error_code ignored;
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder, ignored))
    if (is_leftover(entry.path().filename().string())) found.push_back(entry.path());
  for (const fs::path& file : found) fs::remove(file, ignored);
}

fs::path resolved(const std::string& file) {
  std::error_code failed;
  fs::path path = fs::absolute(file, failed);
  if (!failed) path = fs::weakly_canonical(path, failed);
  return failed ? fs::path(file) : path;
}

}  // namespace

RunFolder::RunFolder(const std::string& folder) : path_(prepare_folder(folder)), lock_(path_) {
  remove_leftovers(path_);
}

void RunFolder::check_outputs(
    const std::vector<std::pair<std::string, std::string>>& options) const {
  std::vector<std::pair<std::string, fs::path>> taken;
  for (const char* file : kWritten)
    taken.emplace_back("which the run itself writes", resolved(path_ + "/" + file));
  for (const auto& [name, file] : options) {
    if (file.empty()) continue;
    const fs::path path = resolved(file);
    const bool same_text = name == "--json" && path == resolved(path_ + "/result.json");
    const bool device = fs::exists(path) && !fs::is_regular_file(path);
    if (same_text || device) continue;
    for (const auto& [by, other] : taken)
      if (path == other)
        throw usage_error(name, fmt::format("{}, {}", file, by), "a file of its own");
    taken.emplace_back("the file of " + name, path);
  }
}

std::optional<model::Checkpoint> find_checkpoint(const std::string& file, Begin begin,
                                                 const model::RunIdentity& wanted) {
  if (begin == Begin::kRestart || !fs::exists(file)) return std::nullopt;
  model::Checkpoint found = model::read_checkpoint(file);
  if (begin == Begin::kResume) {
    model::check_same_run(file, found.identity, wanted);
    return found;
  }
  if (!found.finished())
    throw usage_error(file,
                      fmt::format("an unfinished run ({} of {} epochs)",
                                  found.progress.epochs.size(), found.identity.epochs),
                      "--resume to go on with it, --restart to begin anew, or another --out");
  return std::nullopt;
}

}  // namespace octet::app
