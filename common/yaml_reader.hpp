#pragma once
#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "common/error.hpp"

namespace octet {

// A strict reader of one YAML map. Each read names the key; `finish` (or leaving a map unread)
// rejects keys that nobody read. Errors name file, line, field path, found and expected.
class YamlMap {
 public:
  // Reads a whole file whose top is a map. Throws octet::Error.
  [[nodiscard]] static YamlMap read_file(const std::string& path);

  YamlMap(const YamlMap&) = default;
  YamlMap& operator=(const YamlMap& other);

  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] std::vector<std::string> keys() const;  // as they stand
  [[nodiscard]] bool is_map(const std::string& key) const;
  [[nodiscard]] std::string text(const std::string& key);  // required
  [[nodiscard]] std::string text(const std::string& key, const std::string& fallback);
  // A text that may become a part of a file's name: 1 to 64 letters, digits, '_', '-' and '.'.
  [[nodiscard]] std::string name(const std::string& key);  // required
  [[nodiscard]] std::string name(const std::string& key, const std::string& fallback);
  // One of `choices`, or an error that lists them.
  [[nodiscard]] std::string choice(const std::string& key, const std::vector<std::string>& choices);
  [[nodiscard]] std::string choice(const std::string& key, const std::vector<std::string>& choices,
                                   const std::string& fallback);
  // Bounds are inclusive.
  [[nodiscard]] long integer(const std::string& key, long low, long high);
  [[nodiscard]] long integer(const std::string& key, long low, long high, long fallback);
  [[nodiscard]] double number(const std::string& key, double low, double high);
  [[nodiscard]] double number(const std::string& key, double low, double high, double fallback);
  [[nodiscard]] bool boolean(const std::string& key, bool fallback);
  // An integer or a list of integers; required.
  [[nodiscard]] std::vector<long> integers(const std::string& key, long low, long high);
  [[nodiscard]] YamlMap map(const std::string& key);                // required
  [[nodiscard]] std::vector<YamlMap> maps(const std::string& key);  // required list of maps
  [[nodiscard]] std::vector<std::string> texts(
      const std::string& key);  // a text or a list of texts
  // Throws if a key was never read.
  void finish() const;
  // Before the first read of a top map: `value`, a scalar, in the place of what the file says of
  // `field`, a path such as bits.weight; its maps are made where the file lacks them.
  void set(const std::string& field, const std::string& value);
  // True, and the key counts as read, where it stands in a file over which something else was set:
  // what was set then wins over a key that it makes void.
  [[nodiscard]] bool gives_way(const std::string& key);
  // An error at `key` in this map; an empty key means the map itself.
  [[nodiscard]] Error error(const std::string& key, const std::string& found,
                            const std::string& expected) const;
  [[nodiscard]] const std::string& file() const { return file_; }
  // The name of the file that errors show.
  void set_file(const std::string& file) { file_ = file; }
  // The field path that errors show, for example "layers.conv1". The default of a list's element
  // is its index.
  void set_path(const std::string& path) { path_ = path; }

 private:
  YamlMap(const YAML::Node& node, std::string file, std::string path,
          std::vector<std::string> set = {});
  // The value of `key`, undefined if it is absent; marks the key as read.
  [[nodiscard]] YAML::Node read(const std::string& key);
  // The same, and an error if it is absent or empty.
  [[nodiscard]] YAML::Node require(const std::string& key, const std::string& expected);
  [[nodiscard]] std::string field(const std::string& key) const;

  YAML::Node node_;
  std::string file_;
  std::string path_;
  std::vector<std::string> read_;
  mutable std::vector<std::string> known_;  // keys asked for, present or not
  std::vector<std::string> set_;            // fields given by set()
};

}  // namespace octet
