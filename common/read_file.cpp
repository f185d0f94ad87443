#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <new>
#include <system_error>

#include "common/error.hpp"
#include "common/file.hpp"
#include "common/utf8.hpp"

namespace octet {

namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kChunkBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxTextBytes = std::size_t{1} << 26;

Error read_error(const std::string& path, const std::string& found, const std::string& expected) {
  return input_error(path, "", found, expected);
}

Error too_long(const std::string& path, std::size_t max_bytes) {
  return read_error(path, "more than " + std::to_string(max_bytes) + " bytes when unpacked",
                    "at most that");
}

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// All bytes as they lie, or somewhat more than max_bytes of them where there are more.
Bytes read_packed(const std::string& path, std::size_t max_bytes) {
  const auto failed = [&path] {
    return read_error(path, std::generic_category().message(errno), "a readable file");
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) throw read_error(path, "a directory", "a file");
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "rbe"));
  if (file == nullptr) throw failed();
  Bytes bytes;
  std::size_t size = 0;
  while (size <= max_bytes) {
    if (bytes.size() - size < kChunkBytes) bytes.resize(std::max(2 * size, size + kChunkBytes));
    const std::size_t count = std::fread(bytes.data() + size, 1, kChunkBytes, file.get());
    size += count;
    if (count == kChunkBytes) continue;
    if (std::ferror(file.get()) != 0) throw failed();
    break;
  }
  bytes.resize(size);
  return bytes;
}

bool is_gzip(const std::uint8_t* bytes, std::size_t size) {
  return size >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

// The streams of a gzip file, one behind the other as gzip itself reads them, and nothing else:
// zlib's own gzread overlooks what follows them.
class Unpacker {
 public:
  Unpacker(const std::string& path, const Bytes& packed) : path_(path), packed_(packed) {
    if (inflateInit2(&stream_, kGzipWindow) != Z_OK) throw std::bad_alloc();
  }
  ~Unpacker() { inflateEnd(&stream_); }
  Unpacker(const Unpacker&) = delete;
  Unpacker& operator=(const Unpacker&) = delete;

  Bytes run(std::size_t max_bytes) {
    Bytes bytes;
    std::size_t size = 0;
    while (true) {
      if (bytes.size() - size < kChunkBytes) bytes.resize(std::max(2 * size, size + kChunkBytes));
      const std::size_t input = std::min(packed_.size() - taken_, kChunkBytes);
      stream_.next_in = const_cast<Bytef*>(packed_.data() + taken_);  // zlib only reads it
      stream_.avail_in = static_cast<uInt>(input);
      stream_.next_out = bytes.data() + size;
      stream_.avail_out = uInt{kChunkBytes};
      const int status = inflate(&stream_, Z_NO_FLUSH);
      taken_ += input - stream_.avail_in;
      size += kChunkBytes - stream_.avail_out;
      if (size > max_bytes) throw too_long(path_, max_bytes);
      if (status == Z_STREAM_END && !begin_next()) break;
      check(status);
    }
    bytes.resize(size);
    bytes.shrink_to_fit();
    return bytes;
  }

 private:
  static constexpr int kGzipWindow = 15 + 16;

  // Whether another stream follows the one that has ended.
  bool begin_next() {
    const std::size_t left = packed_.size() - taken_;
    if (left == 0) return false;
    if (!is_gzip(packed_.data() + taken_, left))
      throw read_error(path_, std::to_string(left) + " bytes behind the gzip data", "none");
    return inflateReset(&stream_) == Z_OK;
  }
  void check(int status) const {
    if (status == Z_OK || status == Z_STREAM_END) return;
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_BUF_ERROR) throw read_error(path_, "a truncated gzip file", "a whole one");
    throw read_error(path_, stream_.msg == nullptr ? "damaged gzip data" : stream_.msg,
                     "undamaged data");
  }

  const std::string& path_;
  const Bytes& packed_;
  std::size_t taken_ = 0;
  z_stream stream_{};
};

}  // namespace

std::vector<std::uint8_t> read_maybe_gzip(const std::string& path, std::size_t max_bytes) {
  Bytes bytes = read_packed(path, max_bytes + max_bytes / 1024 + kChunkBytes);
  if (is_gzip(bytes.data(), bytes.size())) return Unpacker(path, bytes).run(max_bytes);
  if (bytes.size() > max_bytes) throw too_long(path, max_bytes);
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
