#include "common/folder_lock.hpp"

#include <gtest/gtest.h>

#include <memory>

#include "tests/common/expect_error.hpp"
#include "tests/common/temp_dir.hpp"

namespace octet {
namespace {

using testing::expect_error;
using testing::TempDir;

TEST(FolderLock, HasTheFolderForItself) {
  const TempDir dir, other;
  auto lock = std::make_unique<FolderLock>(dir.path());
  const FolderLock elsewhere(other.path());
  for (int i = 0; i < 2; ++i)
    expect_error([&] { const FolderLock second(dir.path()); },
                 dir.path() + ": found another octet at work there, expected a folder of its own");
  EXPECT_EQ(dir.entries(), 0);
  lock.reset();
  EXPECT_NO_THROW(const FolderLock second(dir.path()));
}

}  // namespace
}  // namespace octet
