#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "common/error.hpp"
#include "common/file.hpp"

namespace octet {

namespace {

namespace fs = std::filesystem;

Error write_error(const std::string& path, int error_number) {
  return input_error(path, "write", std::generic_category().message(error_number),
                     "a file that can be written");
}

// Every step can be the one that reports a full disk, the close included. 0 or errno.
int write_all(int descriptor, const std::string& text, bool sync) {
  std::FILE* const stream = ::fdopen(descriptor, "wb");
  if (stream == nullptr) {
    const int reason = errno;
    ::close(descriptor);
    return reason;
  }
  int reason = 0;
  const auto note = [&reason](bool ok) {
    if (!ok && reason == 0) reason = errno;
  };
  note(std::fwrite(text.data(), 1, text.size(), stream) == text.size());
  note(std::fflush(stream) == 0);
  if (sync) note(::fsync(descriptor) == 0);
  note(std::fclose(stream) == 0);
  return reason;
}

std::string temporary_beside(const std::string& path) {
  static std::atomic<unsigned> count{0};
  return path + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
}

int create(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode_t{0666});
}

// Makes the rename itself last through a power cut, where the file system can do that.
void sync_folder(const fs::path& file) {
  const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

std::string behind_links(const std::string& path) {
  std::error_code no_target;
  const fs::path resolved = fs::canonical(path, no_target);
  return no_target ? path : resolved.string();
}

int why_not_writable(const std::string& path) {
  const std::string target = behind_links(path);
  struct stat old = {};
  if (::stat(target.c_str(), &old) == 0 && !S_ISREG(old.st_mode)) {
    if (S_ISDIR(old.st_mode)) return EISDIR;
    return ::access(target.c_str(), W_OK) == 0 ? 0 : errno;  // opening a pipe would disturb it
  }
  const std::string temporary = temporary_beside(target);
  const int descriptor = create(temporary);
  if (descriptor < 0) return errno;
  ::unlink(temporary.c_str());
  ::close(descriptor);
  return 0;
}

void write_file(const std::string& path, const std::string& text) {
  const std::string target = behind_links(path);
  struct stat old = {};
  const bool exists = ::stat(target.c_str(), &old) == 0;
  if (exists && S_ISDIR(old.st_mode)) throw write_error(path, EISDIR);
  if (exists && !S_ISREG(old.st_mode)) {  // a rename would replace the device by a file
    const int descriptor = ::open(target.c_str(), O_WRONLY | O_CLOEXEC);
    const int reason = descriptor < 0 ? errno : write_all(descriptor, text, false);
    if (reason != 0) throw write_error(path, reason);
    return;
  }
  const std::string temporary = temporary_beside(target);
  const int descriptor = create(temporary);
  if (descriptor < 0) throw write_error(path, errno);
  if (exists) (void)::fchmod(descriptor, old.st_mode & 07777U);  // keep who may read it
  int reason = write_all(descriptor, text, true);
  if (reason == 0 && std::rename(temporary.c_str(), target.c_str()) != 0) reason = errno;
  if (reason != 0) {
    ::unlink(temporary.c_str());
    throw write_error(path, reason);
  }
  sync_folder(target);
}

}  // namespace octet
