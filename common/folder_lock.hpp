#pragma once
#include <string>

namespace octet {

// Keeps a folder for one process while it lives: two runs would take each other's files away. The
// system frees it with the process, however that ends, and no file is left behind. Where the file
// system has no locks it keeps nobody out.
class FolderLock {
 public:
  // Throws octet::Error where another process has the folder.
  explicit FolderLock(const std::string& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace octet
