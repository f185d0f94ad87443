#include "sim/energy/ert.hpp"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "common/file.hpp"
#include "common/yaml_scalar.hpp"

namespace octet::sim {
namespace {

constexpr const char* kParts =
    "a part of the machine: mac, activation, weight, accumulator, buffer (all three) or dram";

std::string where(const std::string& path, const YAML::Node& node) {
  return path + ":" + std::to_string(node.Mark().line + 1);
}

// The words of the last part of a component's name, in lower case, counts such as [0..15] apart:
// System.PE[0..15].PEWeightBuffer[0..3] is pe, weight, buffer.
std::vector<std::string> words_of(const std::string& name) {
  std::string last;
  int depth = 0;
  for (const char c : name) {
    if (c == '[') ++depth;
    if (depth == 0) last = c == '.' ? "" : last + c;
    if (c == ']') --depth;
  }
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < last.size(); ++i) {
    const auto c = static_cast<unsigned char>(last[i]);
    const auto is_upper = [&](std::size_t at) {
      return at < last.size() && std::isupper(static_cast<unsigned char>(last[at])) != 0;
    };
    const bool next_lower =
        i + 1 < last.size() && std::islower(static_cast<unsigned char>(last[i + 1])) != 0;
    if (std::isalnum(c) == 0) {
      words.emplace_back();
      continue;
    }
    if (is_upper(i) && i > 0 && (!is_upper(i - 1) || next_lower)) words.emplace_back();
    words.back() += static_cast<char>(std::tolower(c));
  }
  words.erase(std::remove(words.begin(), words.end(), ""), words.end());
  return words;
}

bool any_of(const std::vector<std::string>& words, const std::vector<std::string>& known) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(known.begin(), known.end(), word) != known.end();
  });
}

enum class Part { kNone, kMac, kActivation, kWeight, kAccumulator, kBuffer, kDram };

Part part_of(const std::string& name) {
  const std::vector<std::string> words = words_of(name);
  // Registers and networks inside an array have no entry of their own here.
  if (any_of(words, {"reg", "regs", "register", "registers", "rf", "regfile", "noc", "network"}))
    return Part::kNone;
  if (any_of(words, {"dram", "lpddr", "lpddr4", "ddr", "ddr4", "hbm", "hbm2", "gddr", "gddr6",
                     "offchip"}) ||
      (any_of(words, {"main"}) && any_of(words, {"memory"})))
    return Part::kDram;
  if (any_of(words, {"mac", "macs", "lmac", "intmac", "fpmac", "pe", "mult", "multiplier"}) &&
      !any_of(words, {"buffer", "spad", "scratchpad", "sram"}))
    return Part::kMac;
  if (any_of(words, {"accumulator", "accumulators", "accu", "acc", "psum", "psums", "output",
                     "outputs", "ofmap"}))
    return Part::kAccumulator;
  if (any_of(words, {"weight", "weights", "filter", "filters"})) return Part::kWeight;
  if (any_of(words, {"activation", "activations", "ifmap", "iact", "input", "inputs"}))
    return Part::kActivation;
  if (any_of(words, {"buffer", "glb", "sram", "scratchpad", "spad", "smartbuffer"}))
    return Part::kBuffer;
  return Part::kNone;
}

std::vector<std::string> pads_of(Part part) {
  switch (part) {
    case Part::kActivation:
      return {"activation"};
    case Part::kWeight:
      return {"weight"};
    case Part::kAccumulator:
      return {"accumulator"};
    case Part::kBuffer:
      return {"activation", "weight", "accumulator"};
    case Part::kNone:
    case Part::kMac:
    case Part::kDram:
      break;
  }
  return {};
}

struct Mapping {
  std::vector<std::string> activities;
  bool unused = false;  // an action of Accelergy that this machine never does
  std::string expected;
};

Mapping map_action(Part part, const std::string& action) {
  const bool idle = action == "idle" || action == "leak";
  const auto one_of = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), action) != names.end();
  };
  if (part == Part::kMac) {
    if (idle) return {{"leakage_array"}, false, ""};
    if (one_of({"mac_gated", "mac_reused", "gated_mac", "compute_gated"})) return {{}, true, ""};
    if (one_of({"mac_8x8", "mac_8x16", "mac_fp32", "mac_fp16", "mac_bf16"}))
      return {{action}, false, ""};
    if (one_of({"compute", "mac", "mac_random", "mult", "multiply", "access"}))
      return {{"mac_8x8"}, false, ""};
    return {
        {}, false, "compute, mac_random, mac_8x8, mac_8x16, mac_fp32, mac_fp16, mac_bf16 or idle"};
  }
  if (part == Part::kDram) {
    if (idle) return {{"dram_standby"}, false, ""};
    if (action == "read") return {{"dram_read"}, false, ""};
    if (action == "write" || action == "update") return {{"dram_write"}, false, ""};
    if (action == "activate" || action == "refresh") return {{"dram_" + action}, false, ""};
    return {{}, false, "read, write, update, activate, refresh or idle"};
  }
  Mapping mapping;
  for (const std::string& pad : pads_of(part)) {
    if (idle) mapping.activities.push_back("leakage_" + pad);
    if (action == "read") mapping.activities.push_back("sram_" + pad + "_read");
    if (action == "write" || action == "update")
      mapping.activities.push_back("sram_" + pad + "_write");
  }
  if (mapping.activities.empty()) mapping.expected = "read, write, update or idle";
  return mapping;
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
    const Part part = part_of(name);
    if (part == Part::kNone)
      throw input_error(where(path_, place), "ERT.tables", "'" + name + "'", kParts);
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

  void action(Part part, const std::string& name, const std::string& action,
              const YAML::Node& entry) {
    const std::string field = "ERT.tables." + name + "." + action;
    known_keys(entry, field, {"name", "arguments", "energy"});
    const YAML::Node energy = entry["energy"];
    const auto pj = energy.IsDefined() ? yaml::parse_number(energy) : std::nullopt;
    if (!pj || !std::isfinite(*pj) || *pj < 0.0)
      throw input_error(where(path_, entry), field + ".energy",
                        energy.IsDefined() ? yaml::describe(energy) : "nothing",
                        "picojoules, not negative");
    const Mapping mapping = map_action(part, action);
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
