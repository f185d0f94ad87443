#include "sim/explore/sweep.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "common/yaml_reader.hpp"
#include "common/yaml_scalar.hpp"

namespace octet::sim::explore {
namespace {

// {from, to, step} or {from, to, times}. Whole numbers stay whole.
std::vector<std::string> range_values(YamlMap map) {
  constexpr double kMost = 1e15;  // whole numbers are exact
  const double from = map.number("from", -kMost, kMost);
  const double to = map.number("to", -kMost, kMost);
  const bool adds = map.has("step");
  const double by = adds ? map.number("step", 1e-12, kMost) : map.number("times", 1e-12, kMost);
  map.finish();
  if (to < from) throw map.error("to", yaml::format(to), "at least from, " + yaml::format(from));
  if (!adds && by <= 1.0) throw map.error("times", yaml::format(by), "more than 1");
  if (!adds && from <= 0.0) throw map.error("from", yaml::format(from), "more than 0, with times");
  std::vector<std::string> values;
  const double end = to + 1e-9 * std::abs(to);  // a last value that rounding would lose
  for (std::int64_t i = 0;; ++i) {
    const auto n = static_cast<double>(i);
    const double value = adds ? from + n * by : from * std::pow(by, n);
    if (value > end) break;
    if (i == kMostValues) {
      throw map.error("", "a range of more than " + std::to_string(kMostValues) + " values",
                      "fewer");
    }
    const double whole = std::round(value);
    values.push_back(std::abs(value - whole) < 1e-9 * std::abs(whole)
                         ? std::to_string(static_cast<std::int64_t>(whole))
                         : yaml::format(value));
  }
  return values;
}

std::vector<std::string> values_of(YamlMap& map, const std::string& key) {
  std::vector<std::string> values = map.is_map(key) ? range_values(map.map(key)) : map.texts(key);
  if (values.empty()) throw map.error(key, "an empty list", "a value, a list or a range");
  for (const std::string& value : values) {
    if (std::count(values.begin(), values.end(), value) > 1 && values.size() < 1000)
      throw map.error(key, "'" + value + "' twice", "each value once");
  }
  return values;
}

// "hardware.array.rows, hardware.array.cols": fields that move together.
std::vector<std::string> fields_of(const YamlMap& map, const std::string& key) {
  std::vector<std::string> fields;
  std::size_t at = 0;
  while (at <= key.size()) {
    const std::size_t comma = std::min(key.find(',', at), key.size());
    std::string field = key.substr(at, comma - at);
    field.erase(0, field.find_first_not_of(' '));
    field.erase(field.find_last_not_of(' ') + 1);
    at = comma + 1;
    const bool known = field.starts_with("hardware.") || field.starts_with("recipe.");
    if (!known || field.find('=') != std::string::npos || field.ends_with('.'))
      throw map.error(key, "'" + field + "'", "hardware.FIELD or recipe.FIELD");
    if (field == "hardware.name" || field == "recipe.name")
      throw map.error(key, "'" + field + "'", "another field: a name follows from what is set");
    fields.push_back(field);
  }
  return fields;
}

}  // namespace

std::int64_t Sweep::points() const {
  std::int64_t count = 1;
  for (const Axis& axis : axes) count *= static_cast<std::int64_t>(axis.values.size());
  return count;
}

std::vector<std::size_t> Sweep::places(std::int64_t index) const {
  std::vector<std::size_t> places(axes.size());
  for (std::size_t i = axes.size(); i-- > 0;) {
    const auto size = static_cast<std::int64_t>(axes[i].values.size());
    places[i] = static_cast<std::size_t>(index % size);
    index /= size;
  }
  return places;
}

Point Sweep::point(const std::vector<std::size_t>& places) const {
  Point point;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::string& value = axes[i].values[places[i]];
    for (const std::string& field : axes[i].fields) {
      if (field == "network") {
        point.network = value;
      } else if (field == "batch") {
        point.batch = std::stoi(value);
      } else if (field == "recipe") {
        point.recipe = value;
      } else if (field == "hardware") {
        point.hardware = value;
      } else if (field.starts_with("hardware.")) {
        point.hardware_set.push_back(field.substr(9) + "=" + value);
      } else {
        point.recipe_set.push_back(field.substr(7) + "=" + value);
      }
    }
  }
  return point;
}

Sweep read_sweep(const std::string& path) {
  YamlMap top = YamlMap::read_file(path);
  Sweep sweep;
  sweep.file = path;
  sweep.name = top.name("name", "sweep");
  sweep.axes.push_back({"network", {"network"}, values_of(top, "network")});
  if (top.has("batch")) {
    sweep.axes.push_back({"batch", {"batch"}, values_of(top, "batch")});
    for (const std::string& value : sweep.axes.back().values) {
      const auto number = yaml::parse_integer(YAML::Node(value));
      if (!number || *number < 1 || *number > 1 << 20)
        throw top.error("batch", value, "integers from 1 to 1048576");
    }
  }
  for (const auto& [key, fallback] : {std::pair("recipe", "int8"), std::pair("hardware", "base")}) {
    sweep.axes.push_back(
        {key, {key}, top.has(key) ? values_of(top, key) : std::vector<std::string>{fallback}});
  }
  if (top.has("over")) {
    YamlMap over = top.map("over");
    std::set<std::string> seen;
    for (const std::string& key : over.keys()) {
      Axis axis{key, fields_of(over, key), values_of(over, key)};
      for (const std::string& field : axis.fields) {
        if (!seen.insert(field).second) throw over.error(key, field + " twice", "each field once");
      }
      sweep.axes.push_back(std::move(axis));
    }
    over.finish();
  }
  top.finish();
  double count = 1.0;
  for (const Axis& axis : sweep.axes) count *= static_cast<double>(axis.values.size());
  if (count > static_cast<double>(kMostPoints)) {
    throw input_error(path, "over", yaml::format(count) + " points",
                      "at most " + std::to_string(kMostPoints));
  }
  return sweep;
}

}  // namespace octet::sim::explore
