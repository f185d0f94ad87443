#include <gtest/gtest.h>

#include <random>
#include <string>

#include "common/file.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/common/gzip.hpp"
#include "tests/common/temp_dir.hpp"

namespace octet {
namespace {

using testing::expect_error;
using testing::expect_error_with;
using testing::gzip;
using testing::TempDir;

// More than one read of the reader, and not compressible.
std::string noise(std::size_t bytes) {
  std::minstd_rand random(7);
  std::string text(bytes, '\0');
  for (char& c : text) c = static_cast<char>(random() >> 8 & 0xFF);
  return text;
}

std::string as_text(const std::vector<std::uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

TEST(ReadFile, PlainAndGzipGiveTheSameBytes) {
  const TempDir dir;
  for (const std::size_t size : {0U, 1U, 1000U, 1U << 20, (5U << 20) + 3U}) {
    const std::string text = noise(size);
    EXPECT_EQ(as_text(read_maybe_gzip(dir.write("plain", text))), text) << size;
    EXPECT_EQ(as_text(read_maybe_gzip(dir.write("packed", gzip(text)))), text) << size;
  }
}

TEST(ReadFile, ATextThatIsNoUtf8) {
  const TempDir dir;
  const std::string path = dir.write("t", "one\ntw\xC3\xB6\nthree\xE9\n");
  expect_error([&] { (void)read_text_file(path); }, path + ":3: found byte e9, expected UTF-8");
}

TEST(ReadFile, EveryTruncationOfAGzipFileIsAnError) {
  const TempDir dir;
  const std::string whole = gzip(noise(300));
  // Below two bytes nothing tells that it was gzip.
  for (std::size_t size = 2; size < whole.size(); ++size) {
    const std::string path = dir.write("cut.gz", whole.substr(0, size));
    expect_error_with([&] { (void)read_maybe_gzip(path); }, {path + ": found "});
  }
}

TEST(ReadFile, StreamsBehindEachOtherAreOneFileAndNothingElseIs) {
  const TempDir dir;
  const std::string first = noise(300), second = noise(3U << 20);
  EXPECT_EQ(as_text(read_maybe_gzip(dir.write("two.gz", gzip(first) + gzip(second) + gzip("")))),
            first + second);
  const std::string path = dir.write("more.gz", gzip(first) + "GARBAGE");
  expect_error([&] { (void)read_maybe_gzip(path); },
               path + ": found 7 bytes behind the gzip data, expected none");
  const std::string cut = dir.write("cut.gz", gzip(first) + gzip(second).substr(0, 1000));
  expect_error([&] { (void)read_maybe_gzip(cut); },
               cut + ": found a truncated gzip file, expected a whole one");
}

TEST(ReadFile, DamagedGzipIsAnError) {
  const TempDir dir;
  std::string bytes = gzip(noise(300));
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 1);  // in the checksum
  const std::string path = dir.write("bad.gz", bytes);
  expect_error([&] { (void)read_maybe_gzip(path); },
               path + ": found incorrect data check, expected undamaged data");
}

TEST(ReadFile, MissingFileAndDirectory) {
  const TempDir dir;
  expect_error([&] { (void)read_maybe_gzip(dir.file("none")); },
               dir.file("none") + ": found No such file or directory, expected a readable file");
  expect_error([&] { (void)read_text_file(dir.path()); },
               dir.path() + ": found a directory, expected a file");
}

TEST(ReadFile, StopsAtTheLimit) {
  const TempDir dir;
  const std::string path = dir.write("bomb.gz", gzip(std::string(1000, 'x')));
  EXPECT_EQ(read_maybe_gzip(path, 1000).size(), 1000U);
  expect_error([&] { (void)read_maybe_gzip(path, 999); },
               path + ": found more than 999 bytes when unpacked, expected at most that");
}

TEST(ReadFile, TextIsKeptAsItIs) {
  const TempDir dir;
  const std::string text("a\r\nb\0c\n", 7);
  EXPECT_EQ(read_text_file(dir.write("t", text)), text);
}

}  // namespace
}  // namespace octet
