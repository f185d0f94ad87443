#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <map>
#include <span>
#include <sstream>
#include <string>
#include <type_traits>
#include <vector>

#include "common/error.hpp"

namespace octet {

// Named arrays in one file, to hand tensors of a real run to a test bench. Format, little endian:
//   octet-capture 1\n
//   then for each array:  NAME TYPE COUNT\n  and COUNT values, raw;  TYPE: u8 u16 u32 i32 i64 f32
//   end\n
// NAME has no blanks. What arrays a unit wants: tests/cosim/README.md.
template <class T>
[[nodiscard]] constexpr const char* capture_type() {
  if constexpr (std::is_same_v<T, std::uint8_t>) return "u8";
  if constexpr (std::is_same_v<T, std::uint16_t>) return "u16";
  if constexpr (std::is_same_v<T, std::uint32_t>) return "u32";
  if constexpr (std::is_same_v<T, std::int32_t>) return "i32";
  if constexpr (std::is_same_v<T, std::int64_t>) return "i64";
  if constexpr (std::is_same_v<T, float>) return "f32";
}

class CaptureWriter {
 public:
  explicit CaptureWriter(const std::string& path) : path_(path), out_(path, std::ios::binary) {
    out_ << "octet-capture 1\n";
  }
  template <class T>
  void add(const std::string& name, std::span<const T> values) {
    out_ << name << ' ' << capture_type<T>() << ' ' << values.size() << '\n';
    out_.write(reinterpret_cast<const char*>(values.data()),
               static_cast<std::streamsize>(values.size_bytes()));
  }
  template <class T>
  void add(const std::string& name, const std::vector<T>& values) {
    add(name, std::span<const T>(values));
  }
  // Ends the file; throws octet::Error if anything could not be written.
  void finish() {
    out_ << "end\n";
    out_.close();
    if (!out_) throw Error(path_ + ": could not be written");
  }

 private:
  std::string path_;
  std::ofstream out_;
};

class CaptureReader {
 public:
  // Reads the whole file; throws octet::Error if it is missing, cut short or of another format.
  explicit CaptureReader(const std::string& path) : path_(path) {
    std::ifstream in(path, std::ios::binary);
    if (!in) throw Error(path + ": cannot be read");
    std::ostringstream whole;
    whole << in.rdbuf();
    const std::string text = whole.str();
    std::size_t at = 0;
    if (line(text, at) != "octet-capture 1") throw bad("the first line 'octet-capture 1'");
    for (;;) {
      std::istringstream header(line(text, at));
      Array array;
      std::string name;
      header >> name;
      if (name == "end") return;
      header >> array.type >> array.count;
      const std::size_t size = size_of(array.type);
      if (!header || size == 0) throw bad("'NAME TYPE COUNT' before each array");
      if (array.count > (text.size() - at) / size) throw bad("all values of " + name);
      array.bytes = text.substr(at, array.count * size);
      at += array.bytes.size();
      arrays_[name] = array;
    }
  }
  [[nodiscard]] bool has(const std::string& name) const { return arrays_.count(name) != 0; }
  // The array's values; throws if it is absent or of another type.
  template <class T>
  [[nodiscard]] std::vector<T> get(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end() || found->second.type != capture_type<T>()) {
      throw bad("an array " + name + " of type " + capture_type<T>());
    }
    std::vector<T> values(found->second.count);
    if (!values.empty()) {
      std::memcpy(values.data(), found->second.bytes.data(), found->second.bytes.size());
    }
    return values;
  }

 private:
  struct Array {
    std::string type;
    std::size_t count = 0;
    std::string bytes;
  };
  [[nodiscard]] static std::size_t size_of(const std::string& type) {
    if (type == "u8") return 1;
    if (type == "u16") return 2;
    if (type == "u32" || type == "i32" || type == "f32") return 4;
    return type == "i64" ? 8 : 0;
  }
  [[nodiscard]] std::string line(const std::string& text, std::size_t& at) const {
    const std::size_t stop = text.find('\n', at);
    if (stop == std::string::npos) throw bad("a closing line 'end'");
    std::string result = text.substr(at, stop - at);
    at = stop + 1;
    return result;
  }
  [[nodiscard]] Error bad(const std::string& expected) const {
    return Error(path_ + ": not a good capture: expected " + expected);
  }

  std::string path_;
  std::map<std::string, Array> arrays_;
};

}  // namespace octet
