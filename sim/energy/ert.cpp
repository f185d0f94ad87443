#include "sim/energy/ert.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>

#include "common/file.hpp"
#include "common/yaml_scalar.hpp"
#include "sim/energy/ert_names.hpp"

namespace octet::sim {
namespace {

std::string where(const std::string& path, const YAML::Node& node) {
  return path + ":" + std::to_string(node.Mark().line + 1);
}

class Ert {
 public:
  Ert(const std::string& path, EnergyTable& table) : path_(path), table_(table) {}

  void read(const YAML::Node& ert) {
    known_keys(ert, "ERT", {"version", "tables"});
    const YAML::Node tables = ert["tables"];
    if (!tables.IsDefined() || (!tables.IsSequence() && !tables.IsMap()))
      throw input_error(where(path_, ert), "ERT.tables",
                        tables.IsDefined() ? yaml::describe(tables) : "nothing",
                        "a list of components");
    for (const auto& item : tables) {  // a list since version 0.3, a map of names before
      if (tables.IsMap()) {
        component(text(item.first, "ERT.tables"), item.second, item.second);
        continue;
      }
      known_keys(item, "ERT.tables", {"name", "actions"});
      component(text(item["name"], "ERT.tables.name"), item["actions"], item);
    }
    if (count_ == 0) throw input_error(path_, "ERT.tables", "no entries", "at least one");
    store();
  }

 private:
  void known_keys(const YAML::Node& map, const std::string& field,
                  const std::vector<std::string>& keys) const {
    if (!map.IsMap())
      throw input_error(where(path_, map), field, yaml::describe(map), "a map of keys");
    for (const auto& entry : map) {
      if (std::find(keys.begin(), keys.end(), entry.first.Scalar()) != keys.end()) continue;
      std::string expected;
      for (const std::string& key : keys) expected += (expected.empty() ? "" : ", ") + key;
      throw input_error(where(path_, entry.first), field + "." + entry.first.Scalar(),
                        "an unknown key", expected);
    }
  }

  [[nodiscard]] std::string text(const YAML::Node& node, const std::string& field) const {
    if (!node.IsDefined() || !node.IsScalar())
      throw input_error(path_, field, node.IsDefined() ? yaml::describe(node) : "nothing",
                        "a name");
    return node.Scalar();
  }

  void component(const std::string& name, const YAML::Node& actions, const YAML::Node& place) {
    const ErtPart part = ert_part_of(name);
    if (part == ErtPart::kNone)
      throw input_error(where(path_, place), "ERT.tables", "'" + name + "'", ert_parts());
    if (!actions.IsDefined() || (!actions.IsSequence() && !actions.IsMap()))
      throw input_error(where(path_, place), "ERT.tables." + name + ".actions",
                        actions.IsDefined() ? yaml::describe(actions) : "nothing",
                        "a list of actions");
    for (const auto& item : actions) {
      if (!actions.IsMap()) {
        known_keys(item, "ERT.tables." + name + ".actions", {"name", "arguments", "energy"});
        action(part, name, text(item["name"], "ERT.tables." + name + ".actions.name"), item);
      } else if (item.second.IsSequence()) {
        for (const auto& variant : item.second) action(part, name, item.first.Scalar(), variant);
      } else {
        action(part, name, item.first.Scalar(), item.second);
      }
    }
  }

  void action(ErtPart part, const std::string& name, const std::string& action,
              const YAML::Node& entry) {
    const std::string field = "ERT.tables." + name + "." + action;
    known_keys(entry, field, {"name", "arguments", "energy"});
    const YAML::Node energy = entry["energy"];
    const auto pj = energy.IsDefined() ? yaml::parse_number(energy) : std::nullopt;
    if (!pj || !std::isfinite(*pj) || *pj < 0.0)
      throw input_error(where(path_, entry), field + ".energy",
                        energy.IsDefined() ? yaml::describe(energy) : "nothing",
                        "picojoules, not negative");
    const ErtMapping mapping = map_ert_action(part, action);
    ++count_;
    if (mapping.unused) return;
    if (mapping.activities.empty())
      throw input_error(where(path_, entry), "ERT.tables." + name, "action '" + action + "'",
                        mapping.expected);
    const bool random = is_random(entry["arguments"]);
    for (const std::string& activity : mapping.activities) {
      const auto [at, fresh] =
          found_.try_emplace(activity, Found{name, action, {*pj, *pj, *pj}, random});
      Found& found = at->second;
      if (!fresh && found.name != name)
        throw input_error(where(path_, entry), field,
                          "a second number for " + activity + ", after that of " + found.name,
                          "one");
      found.value.low = std::min(found.value.low, *pj);
      found.value.high = std::max(found.value.high, *pj);
      if (found.action == action && (random || !found.random)) found.value.typical = *pj;
      found.random = found.random || random;
    }
  }

  // Accelergy gives an access by what changes: all arguments 1 is one of new data at a new address,
  // which is how this machine's accesses are counted; the others bound it.
  [[nodiscard]] static bool is_random(const YAML::Node& arguments) {
    if (!arguments.IsDefined() || arguments.IsNull() || !arguments.IsMap()) return true;
    return std::all_of(arguments.begin(), arguments.end(), [](const auto& argument) {
      const auto value = yaml::parse_number(argument.second);
      return !value || *value >= 1.0;
    });
  }

  void store() {
    for (const auto& [activity, found] : found_)
      table_.energy[activity] = {found.value,
                                 "Accelergy ERT " + path_ + ": " + found.name + "." + found.action};
    table_.name = "Accelergy ERT over " + table_.name;
    table_.file = path_;
  }

  struct Found {
    std::string name, action;
    Spread value;
    bool random = false;
  };
  const std::string& path_;
  EnergyTable& table_;
  std::map<std::string, Found> found_;
  int count_ = 0;
};

}  // namespace

bool is_ert(const YamlMap& top) { return top.has("ERT"); }

void apply_ert(const std::string& path, EnergyTable& table) {
  const YAML::Node top = YAML::Load(read_text_file(path));
  for (const auto& entry : top) {
    if (entry.first.Scalar() != "ERT")
      throw input_error(where(path, entry.first), entry.first.Scalar(), "an unknown key",
                        "ERT alone");
  }
  Ert(path, table).read(top["ERT"]);
}

}  // namespace octet::sim
