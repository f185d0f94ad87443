#include "common/yaml_scalar.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <system_error>

namespace octet::yaml {

namespace {

constexpr std::size_t kLongestShown = 60;

template <typename Number>
std::optional<Number> parse(const YAML::Node& node) {
  if (!node.IsScalar()) return std::nullopt;
  const std::string& text = node.Scalar();
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stop, status] = std::from_chars(text.data(), end, value);
  if (status != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::string describe(const YAML::Node& node) {
  if (!node.IsDefined() || node.IsNull()) return "nothing";
  if (node.IsSequence()) return node.size() == 0 ? "an empty list" : "a list";
  if (node.IsMap()) return "a map";
  std::string text = node.Scalar();
  if (text.empty()) return "an empty text";
  if (text.size() > kLongestShown) text = text.substr(0, kLongestShown) + "...";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') c = ' ';  // an error is one line
  }
  return text;
}

std::string format(double value) {
  std::array<char, 32> text{};
  const auto [end, status] = std::to_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() ? std::string(text.data(), end) : std::to_string(value);
}

std::optional<long> parse_integer(const YAML::Node& node) { return parse<long>(node); }

std::optional<double> parse_number(const YAML::Node& node) {
  const std::optional<double> value = parse<double>(node);
  return value && std::isfinite(*value) ? value : std::nullopt;
}

}  // namespace octet::yaml
