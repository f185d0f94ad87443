#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>

#include "common/file.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/common/temp_dir.hpp"

namespace octet {
namespace {

using testing::expect_error;
using testing::TempDir;
namespace fs = std::filesystem;

// No file may grow beyond `bytes` while this lives: the write fails as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit = {bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit old_ = {};
  void (*handler_)(int) = nullptr;
};

TEST(WriteFile, WritesAndReplaces) {
  const TempDir dir;
  const std::string path = dir.file("a");
  write_file(path, "one");
  EXPECT_EQ(read_text_file(path), "one");
  write_file(path, "two");
  EXPECT_EQ(read_text_file(path), "two");
  write_file(path, "");
  EXPECT_EQ(read_text_file(path), "");
  EXPECT_EQ(dir.entries(), 1) << "a temporary file was left";
}

TEST(WriteFile, IsTriedWithoutATrace) {
  const TempDir dir;
  const std::string path = dir.file("a");
  EXPECT_EQ(why_not_writable(path), 0);
  EXPECT_EQ(dir.entries(), 0);
  write_file(path, "old");
  EXPECT_EQ(why_not_writable(path), 0);
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_EQ(dir.entries(), 1);
  EXPECT_EQ(why_not_writable(dir.path()), EISDIR);
  EXPECT_EQ(why_not_writable(dir.file("no/a")), ENOENT);
  EXPECT_EQ(why_not_writable(path + "/b"), ENOTDIR);
  EXPECT_EQ(why_not_writable("/dev/null"), 0);
}

TEST(WriteFile, FailedWriteKeepsTheOldFileAndLeavesNoTemporary) {
  const TempDir dir;
  const std::string path = dir.file("a");
  write_file(path, "old");
  {
    const FileSizeLimit limit(4096);
    expect_error([&] { write_file(path, std::string(100000, 'x')); },
                 path + ": write: found File too large, expected a file that can be written");
  }
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_EQ(dir.entries(), 1) << "a temporary file was left";
}

TEST(WriteFile, FailureThatOnlyTheFlushSees) {
  const TempDir dir;
  const FileSizeLimit limit(10);  // less than one buffer, so the write itself succeeds
  expect_error(
      [&] { write_file(dir.file("a"), "more than ten bytes"); },
      dir.file("a") + ": write: found File too large, expected a file that can be written");
  EXPECT_EQ(dir.entries(), 0);
}

TEST(WriteFile, FullDeviceIsAnErrorAndStaysADevice) {
  expect_error([] { write_file("/dev/full", "text"); },
               "/dev/full: write: found No space left on device, expected a file that can be "
               "written");
  EXPECT_NO_THROW(write_file("/dev/null", "text"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(WriteFile, MissingFolderAndFolderAsFile) {
  const TempDir dir;
  const std::string inside = dir.file("none/a");
  expect_error([&] { write_file(inside, "x"); },
               inside +
                   ": write: found No such file or directory, expected a file that can be "
                   "written");
  expect_error([&] { write_file(dir.path(), "x"); },
               dir.path() + ": write: found Is a directory, expected a file that can be written");
  EXPECT_EQ(dir.entries(), 0);
}

TEST(WriteFile, KeepsTheModeAndFollowsALink) {
  const TempDir dir;
  const std::string path = dir.file("a");
  write_file(path, "old");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  fs::create_symlink(path, dir.file("link"));
  write_file(dir.file("link"), "new");
  EXPECT_TRUE(fs::is_symlink(dir.file("link")));
  EXPECT_EQ(read_text_file(path), "new");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

}  // namespace
}  // namespace octet
