#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/folder_lock.hpp"
#include "model/trainer/checkpoint.hpp"

namespace octet::app {

// The folder of a training run, its alone while this lives; what a killed run was writing there is
// removed first.
class RunFolder {
 public:
  explicit RunFolder(const std::string& folder);
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string checkpoint() const { return path_ + "/checkpoint"; }
  // Throws octet::Error where an option, (name, file), would write over a file that the run itself
  // writes, or two over the same. Empty files are fine.
  void check_outputs(const std::vector<std::pair<std::string, std::string>>& options) const;

 private:
  std::string path_;
  FolderLock lock_;
};

enum class Begin { kRefuseUnfinished, kResume, kRestart };
// The checkpoint to go on from, if there is one and it is asked for. One of a run that was not
// finished is never lost by mistake. `wanted` is the run that is asked for.
[[nodiscard]] std::optional<model::Checkpoint> find_checkpoint(const std::string& file, Begin begin,
                                                               const model::RunIdentity& wanted);

}  // namespace octet::app
