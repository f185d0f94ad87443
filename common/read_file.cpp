#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "common/error.hpp"
#include "common/file.hpp"
#include "common/utf8.hpp"

namespace octet {

namespace {

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 26;

Error read_error(const std::string& path, const std::string& found, const std::string& expected) {
  return input_error(path, "", found, expected);
}

struct GzipClose {
  void operator()(gzFile_s* file) const { gzclose(file); }
};
using GzipFile = std::unique_ptr<gzFile_s, GzipClose>;

GzipFile open_gzip(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    throw read_error(path, "a directory", "a file");
  }
  errno = 0;
  GzipFile file(gzopen(path.c_str(), "rb"));
  if (file == nullptr) {
    const int reason = errno == 0 ? ENOMEM : errno;  // zlib sets errno unless memory ran out
    throw read_error(path, std::generic_category().message(reason), "a readable file");
  }
  return file;
}

std::string gzip_message(gzFile_s* file) {
  int status = Z_OK;
  const std::string message = gzerror(file, &status);
  return status == Z_ERRNO ? std::generic_category().message(errno) : message;
}

}  // namespace

std::vector<std::uint8_t> read_maybe_gzip(const std::string& path, std::size_t max_bytes) {
  GzipFile file = open_gzip(path);
  std::vector<std::uint8_t> bytes;
  std::size_t size = 0;
  while (true) {
    if (bytes.size() - size < kChunkBytes) bytes.resize(std::max(2 * size, size + kChunkBytes));
    const int count = gzread(file.get(), bytes.data() + size, unsigned{kChunkBytes});
    if (count < 0) throw read_error(path, gzip_message(file.get()), "undamaged data");
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
    if (size > max_bytes) {
      throw read_error(path, "more than " + std::to_string(max_bytes) + " bytes when unpacked",
                       "at most that");
    }
  }
  // Only the close tells that the file ended in the middle of a gzip stream.
  if (gzclose(file.release()) != Z_OK) {
    throw read_error(path, "a truncated gzip file", "a whole one");
  }
  bytes.resize(size);
  bytes.shrink_to_fit();
  return bytes;
}

std::string read_text_file(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_maybe_gzip(path, kMaxTextBytes);
  std::string text(bytes.begin(), bytes.end());
  if (const std::size_t bad = find_not_utf8(text); bad < text.size()) {
    const auto end = text.begin() + static_cast<std::ptrdiff_t>(bad);
    throw read_error(path + ":" + std::to_string(1 + std::count(text.begin(), end, '\n')),
                     fmt::format("byte {:02x}", static_cast<std::uint8_t>(*end)), "UTF-8");
  }
  return text;
}

}  // namespace octet
