#include "sim/energy/ert.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "common/file.hpp"
#include "common/yaml_scalar.hpp"
#include "sim/energy/ert_names.hpp"
#include "sim/stats/stats.hpp"

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
    if (found_.empty())
      throw input_error(path_, "ERT.tables", "no entry that is used", ert_parts());
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
    if (const std::string why = why_left_out(part); !why.empty())
      left_out_.push_back(name + " (" + why + ")");
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
    if (mapping.unused) return;
    if (mapping.activities.empty())
      throw input_error(where(path_, entry), "ERT.tables." + name, "action '" + action + "'",
                        mapping.expected);
    const Found entered{
        name, action, {*pj, *pj, *pj}, is_random(entry["arguments"]), part != ErtPart::kBuffer};
    for (const std::string& activity : mapping.activities) {
      if (!enter(activity, entered))
        throw input_error(
            where(path_, entry), field,
            "a second number for " + activity + ", after that of " + found_.at(activity).name,
            "one");
    }
  }

  struct Found {
    std::string name, action;
    Spread value;
    bool random = false;
    bool own = true;  // of one scratchpad, not of all three
  };

  // False where two components claim one activity. A component of one scratchpad goes before one
  // that serves all three.
  bool enter(const std::string& activity, const Found& entered) {
    const auto [at, fresh] = found_.try_emplace(activity, entered);
    Found& found = at->second;
    if (fresh) return true;
    if (found.name != entered.name) {
      if (found.own == entered.own) return false;
      if (entered.own) found = entered;
      return true;
    }
    const double pj = entered.value.typical;
    found.value.low = std::min(found.value.low, pj);
    found.value.high = std::max(found.value.high, pj);
    if (found.action == entered.action && (entered.random || !found.random))
      found.value.typical = pj;
    found.random = found.random || entered.random;
    return true;
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

  void put(const std::string& activity, const Spread& value, const std::string& source) {
    table_.energy[activity] = {value, source};
    settled_.insert(activity);
  }

  [[nodiscard]] std::string source_of(const Found& found) const {
    return "Accelergy ERT " + path_ + ": " + found.name + "." + found.action;
  }

  // Products that the file does not name keep their ratio to the one that it does.
  void follow_products() {
    const auto mac = found_.find("mac_8x8");
    if (mac == found_.end()) return;
    const double base = table_.energy.at("mac_8x8").value.typical;
    std::vector<std::string> scaled;
    for (const char* product : {"mac_8x16", "mac_fp32", "mac_fp16", "mac_bf16"}) {
      if (found_.count(product) > 0) continue;
      const double ratio = table_.energy.at(product).value.typical / base;
      put(product, mac->second.value * ratio,
          fmt::format("{} x {:.3f}, the ratio of {} to mac_8x8 in the {} table",
                      source_of(mac->second), ratio, product, table_.name));
      scaled.emplace_back(fmt::format("{} (x {:.3f})", product, ratio));
    }
    note("mac_8x8 of the file, in the ratio of the " + table_.name + " table", scaled);
  }

  // Its reads and writes are all-inclusive, so nothing of the technology's DRAM may stay beside
  // them.
  void follow_dram() {
    const auto read = found_.find("dram_read");
    const auto write = found_.find("dram_write");
    if (read == found_.end() && write == found_.end()) return;
    const Found& access = (read != found_.end() ? read : write)->second;
    for (const char* word : {"dram_read", "dram_write"}) {
      if (found_.count(word) > 0) continue;
      put(word, access.value, source_of(access) + ", for want of another");
      note("of the file's only DRAM access", {word});
    }
    std::vector<std::string> held;
    for (const char* part : {"dram_activate", "dram_refresh", "dram_standby"}) {
      if (found_.count(part) > 0) continue;
      put(part, {}, "held by " + source_of(access));
      held.emplace_back(part);
    }
    note("held by the file's DRAM accesses", held);
  }

  void store() {
    std::vector<std::string> taken, rest;
    for (const auto& [activity, found] : found_)
      taken.push_back(activity + " (" + found.name + "." + found.action + ")");
    note("from " + path_, taken);
    follow_products();
    follow_dram();
    for (const auto& [activity, found] : found_) put(activity, found.value, source_of(found));
    // Of one multiply-accumulate, as its energy is; how many there are, the machine says.
    if (found_.count("leakage_array") > 0)
      table_.cell_leakage = table_.energy.extract("leakage_array").mapped();
    note("in the file, left out", left_out_);
    for (int i = 0; i < kActivities; ++i) {
      const std::string name = activity_name(static_cast<Activity>(i));
      if (settled_.count(name) == 0) rest.push_back(name);
    }
    note("from the " + table_.name + " table", rest);
    table_.name = "Accelergy ERT over " + table_.name;
    table_.file = path_;
  }

  void note(const std::string& what, const std::vector<std::string>& names) {
    if (!names.empty())
      table_.notes.push_back(fmt::format("energy {}: {}", what, fmt::join(names, ", ")));
  }

  const std::string& path_;
  EnergyTable& table_;
  std::map<std::string, Found> found_;  // by activity
  std::set<std::string> settled_;       // activities that the file decides
  std::vector<std::string> left_out_;
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
