#include "common/yaml_reader.hpp"

#include <algorithm>
#include <utility>

#include "common/file.hpp"
#include "common/yaml_scalar.hpp"

namespace octet {

namespace {

std::string at_line(const std::string& file, const YAML::Mark& mark) {
  return mark.is_null() ? file : file + ":" + std::to_string(mark.line + 1);
}

std::string join(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

std::string range(const std::string& what, const std::string& low, const std::string& high) {
  return what + " from " + low + " to " + high;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_name(const std::string& text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), allowed);
}

void add_once(std::vector<std::string>& words, const std::string& word) {
  if (!contains(words, word)) words.push_back(word);
}

// A new key, and not a new value under the old one: an error must not name the old one's line.
void set_in(YAML::Node& map, const std::string& field, const std::string& value) {
  const std::size_t dot = field.find('.');
  const std::string key = field.substr(0, dot);
  if (dot == std::string::npos) {
    map.remove(key);
    map[key] = value;
    return;
  }
  const YAML::Node& present = map;  // the non-const operator[] would add the key
  if (const YAML::Node inner = present[key]; !inner.IsDefined() || !inner.IsMap()) {
    map.remove(key);
    map[key] = YAML::Node(YAML::NodeType::Map);
  }
  YAML::Node inner = map[key];
  set_in(inner, field.substr(dot + 1), value);
}

}  // namespace

YamlMap::YamlMap(const YAML::Node& node, std::string file, std::string path,
                 std::vector<std::string> set)
    : node_(node), file_(std::move(file)), path_(std::move(path)), set_(std::move(set)) {
  // yaml-cpp keeps both of two equal keys and answers with the first: a silent surprise.
  std::vector<std::string> keys;
  for (const auto& entry : node_) {
    const std::string key = yaml::describe(entry.first);
    const std::string where = at_line(file_, entry.first.Mark());
    if (!entry.first.IsScalar()) throw input_error(where, path_, key + " as a key", "a word");
    if (contains(keys, entry.first.Scalar())) {
      throw input_error(where, field(key), "a second " + key, "each key once");
    }
    keys.push_back(entry.first.Scalar());
  }
}

YamlMap& YamlMap::operator=(const YamlMap& other) {
  node_.reset(other.node_);  // Node's own assignment would write through to the shared tree
  file_ = other.file_;
  path_ = other.path_;
  read_ = other.read_;
  known_ = other.known_;
  set_ = other.set_;
  return *this;
}

YamlMap YamlMap::read_file(const std::string& path) {
  const std::string text = read_text_file(path);
  std::vector<YAML::Node> documents;
  try {
    documents = YAML::LoadAll(text);
  } catch (const YAML::Exception& problem) {
    throw input_error(at_line(path, problem.mark), "", problem.msg, "YAML");
  }
  if (documents.size() > 1) {
    throw input_error(path, "", std::to_string(documents.size()) + " documents", "one");
  }
  const YAML::Node top = documents.empty() ? YAML::Node() : documents.front();
  if (!top.IsMap()) {
    throw input_error(at_line(path, top.Mark()), "", yaml::describe(top), "a map of keys");
  }
  return YamlMap(top, path, "");
}

std::string YamlMap::field(const std::string& key) const {
  if (key.empty() || path_.empty()) return path_ + key;
  return path_ + "." + key;
}

Error YamlMap::error(const std::string& key, const std::string& found,
                     const std::string& expected) const {
  YAML::Mark mark = node_.Mark();
  for (const auto& entry : node_) {
    if (!key.empty() && entry.first.Scalar() == key) mark = entry.first.Mark();
  }
  return input_error(at_line(file_, mark), field(key), found, expected);
}

bool YamlMap::has(const std::string& key) const {
  add_once(known_, key);
  const YAML::Node& node = node_;  // the non-const operator[] would add the key
  return node[key].IsDefined();
}

std::vector<std::string> YamlMap::keys() const {
  std::vector<std::string> all;
  for (const auto& entry : node_) all.push_back(entry.first.Scalar());
  return all;
}

bool YamlMap::is_map(const std::string& key) const {
  const YAML::Node& node = node_;
  const YAML::Node value = node[key];
  return value.IsDefined() && value.IsMap();
}

YAML::Node YamlMap::read(const std::string& key) {
  add_once(read_, key);
  add_once(known_, key);
  for (const auto& entry : node_) {
    if (entry.first.Scalar() == key) return entry.second;
  }
  return YAML::Node(YAML::NodeType::Undefined);
}

YAML::Node YamlMap::require(const std::string& key, const std::string& expected) {
  const YAML::Node node = read(key);
  if (!node.IsDefined() || node.IsNull()) throw error(key, "nothing", expected);
  return node;
}

std::string YamlMap::text(const std::string& key) {
  const YAML::Node node = require(key, "a text");
  if (!node.IsScalar()) throw error(key, yaml::describe(node), "a text");
  return node.Scalar();
}

std::string YamlMap::text(const std::string& key, const std::string& fallback) {
  return has(key) ? text(key) : fallback;
}

std::string YamlMap::name(const std::string& key) {
  std::string found = text(key);
  if (!is_name(found))
    throw error(key, yaml::describe(read(key)), "1 to 64 letters, digits, '_', '-' or '.'");
  return found;
}

std::string YamlMap::name(const std::string& key, const std::string& fallback) {
  return has(key) ? name(key) : fallback;
}

std::string YamlMap::choice(const std::string& key, const std::vector<std::string>& choices) {
  const std::string expected = "one of: " + join(choices);
  const YAML::Node node = require(key, expected);
  if (!node.IsScalar() || !contains(choices, node.Scalar())) {
    throw error(key, yaml::describe(node), expected);
  }
  return node.Scalar();
}

std::string YamlMap::choice(const std::string& key, const std::vector<std::string>& choices,
                            const std::string& fallback) {
  return has(key) ? choice(key, choices) : fallback;
}

long YamlMap::integer(const std::string& key, long low, long high) {
  const std::string expected = range("an integer", std::to_string(low), std::to_string(high));
  const YAML::Node node = require(key, expected);
  const auto value = yaml::parse_integer(node);
  if (!value || *value < low || *value > high) throw error(key, yaml::describe(node), expected);
  return *value;
}

long YamlMap::integer(const std::string& key, long low, long high, long fallback) {
  return has(key) ? integer(key, low, high) : fallback;
}

double YamlMap::number(const std::string& key, double low, double high) {
  const std::string expected = range("a number", yaml::format(low), yaml::format(high));
  const YAML::Node node = require(key, expected);
  const auto value = yaml::parse_number(node);
  if (!value || *value < low || *value > high) throw error(key, yaml::describe(node), expected);
  return *value;
}

double YamlMap::number(const std::string& key, double low, double high, double fallback) {
  return has(key) ? number(key, low, high) : fallback;
}

bool YamlMap::boolean(const std::string& key, bool fallback) {
  return has(key) ? choice(key, {"true", "false"}) == "true" : fallback;
}

std::vector<long> YamlMap::integers(const std::string& key, long low, long high) {
  const YAML::Node node = require(key, "an integer or a list of integers");
  if (!node.IsSequence()) return {integer(key, low, high)};
  std::vector<long> values;
  for (const YAML::Node& item : node) {
    const auto value = yaml::parse_integer(item);
    if (!value || *value < low || *value > high) {
      throw error(key, yaml::describe(item),
                  range("integers", std::to_string(low), std::to_string(high)));
    }
    values.push_back(*value);
  }
  return values;
}

YamlMap YamlMap::map(const std::string& key) {
  const YAML::Node node = require(key, "a map of keys");
  if (!node.IsMap()) throw error(key, yaml::describe(node), "a map of keys");
  return YamlMap(node, file_, field(key), set_);
}

std::vector<YamlMap> YamlMap::maps(const std::string& key) {
  const YAML::Node node = require(key, "a list of maps");
  if (!node.IsSequence()) throw error(key, yaml::describe(node), "a list of maps");
  std::vector<YamlMap> all;
  for (const YAML::Node& item : node) {
    const std::string path = field(key) + "[" + std::to_string(all.size()) + "]";
    if (!item.IsMap()) {
      throw input_error(at_line(file_, item.Mark()), path, yaml::describe(item), "a map of keys");
    }
    all.push_back(YamlMap(item, file_, path, set_));
  }
  return all;
}

std::vector<std::string> YamlMap::texts(const std::string& key) {
  const YAML::Node node = require(key, "a text or a list of texts");
  if (!node.IsSequence()) return {text(key)};
  std::vector<std::string> values;
  for (const YAML::Node& item : node) {
    if (!item.IsScalar()) throw error(key, yaml::describe(item), "a text or a list of texts");
    values.push_back(item.Scalar());
  }
  return values;
}

void YamlMap::set(const std::string& field, const std::string& value) {
  set_in(node_, field, value);
  set_.push_back(field);
}

bool YamlMap::gives_way(const std::string& key) {
  const std::string name = field(key);
  const auto within = [&](const std::string& set) {
    return set == name || set.starts_with(name + ".");
  };
  if (set_.empty() || std::any_of(set_.begin(), set_.end(), within)) return false;
  add_once(read_, key);
  return true;
}

void YamlMap::finish() const {
  for (const auto& entry : node_) {
    const std::string& key = entry.first.Scalar();
    if (!contains(read_, key)) throw error(key, "an unknown key", "one of: " + join(known_));
  }
}

}  // namespace octet
