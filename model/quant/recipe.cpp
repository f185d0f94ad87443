#include "model/quant/recipe.hpp"

#include <algorithm>
#include <filesystem>
#include <initializer_list>

#include "common/yaml_reader.hpp"

namespace octet::model {
namespace {

const std::vector<std::string> kRoundings = {"nearest", "stochastic"};

Rounding read_rounding(YamlMap& map, const std::string& key, Rounding fallback) {
  const std::string text =
      map.choice(key, kRoundings, fallback == Rounding::kNearest ? "nearest" : "stochastic");
  return text == "nearest" ? Rounding::kNearest : Rounding::kStochastic;
}

// A key that would change nothing is an error: its writer expected it to.
void reject(YamlMap& map, std::initializer_list<const char*> keys, const std::string& because) {
  for (const char* key : keys)
    if (map.has(key) && !map.gives_way(key))
      throw map.error(key, "a value", "no such key: " + because);
}

void read_bits(YamlMap& top, Recipe& recipe) {
  if (!top.has("bits")) return;
  YamlMap map = top.map("bits");
  if (!recipe.bifurcated) reject(map, {"weight_gradient"}, "bifurcated is false");
  Recipe::Bits& bits = recipe.bits;
  bits.weight = static_cast<int>(map.integer("weight", 2, 8, bits.weight));
  bits.activation = static_cast<int>(map.integer("activation", 2, 8, bits.activation));
  bits.gradient = static_cast<int>(map.integer("gradient", 2, 8, bits.gradient));
  bits.weight_gradient =
      static_cast<int>(map.integer("weight_gradient", 2, 16, bits.weight_gradient));
  map.finish();
}

void read_roundings(YamlMap& top, Recipe& recipe) {
  if (!top.has("rounding")) return;
  YamlMap map = top.map("rounding");
  if (!recipe.bifurcated) reject(map, {"weight_gradient"}, "bifurcated is false");
  Recipe::Roundings& rounding = recipe.rounding;
  rounding.activation = read_rounding(map, "activation", rounding.activation);
  rounding.gradient = read_rounding(map, "gradient", rounding.gradient);
  rounding.weight_gradient = read_rounding(map, "weight_gradient", rounding.weight_gradient);
  map.finish();
}

void read_norm(YamlMap& top, Recipe& recipe) {
  const std::string norm = top.choice("norm", {"range_bn", "batch_norm", "none"}, "range_bn");
  if (norm == "range_bn") {
    const std::string constant =
        top.choice("range_constant", {"paper", "authors", "gaussian"}, "gaussian");
    recipe.range_constant = constant == "paper"     ? RangeConstant::kPaper
                            : constant == "authors" ? RangeConstant::kAuthors
                                                    : RangeConstant::kGaussian;
    recipe.chunks = static_cast<int>(top.integer("chunks", 1, 256, recipe.chunks));
    return;
  }
  reject(top, {"range_constant", "chunks"}, "norm is " + norm);
  if (norm == "none") {
    recipe.norm = Recipe::Norm::kNone;
    return;
  }
  if (!recipe.float32)
    throw top.error("norm", "batch_norm with arithmetic: integer",
                    "range_bn or none (batch_norm needs arithmetic: float32)");
  recipe.norm = Recipe::Norm::kBatchNorm;
}

Recipe read(YamlMap map) {
  Recipe recipe;
  recipe.name = map.name("name");
  recipe.float32 = map.choice("arithmetic", {"integer", "float32"}, "integer") == "float32";
  if (recipe.float32) {
    reject(map, {"bits", "rounding", "bifurcated", "range", "extremes"}, "arithmetic is float32");
  } else {
    recipe.bifurcated = map.boolean("bifurcated", recipe.bifurcated);
    read_bits(map, recipe);
    read_roundings(map, recipe);
    recipe.delayed_ranges = map.choice("range", {"current", "delayed"}, "current") == "delayed";
    recipe.sample_mean_extremes =
        map.choice("extremes", {"tensor", "sample_mean"}, "tensor") == "sample_mean";
  }
  read_norm(map, recipe);
  map.finish();
  return recipe;
}

struct Setting {
  std::string field, value;
};
// By field. Throws for what is no FIELD=VALUE and for a field set twice.
std::vector<Setting> parse_settings(const std::vector<std::string>& texts) {
  std::vector<Setting> settings;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
      throw usage_error("--set", "'" + text + "'", "FIELD=VALUE, a field of docs/recipes.md");
    settings.push_back({text.substr(0, equals), text.substr(equals + 1)});
    if (settings.back().field == "name")
      throw usage_error("--set", "name", "another field: the name follows from what is set");
  }
  std::sort(settings.begin(), settings.end(),
            [](const Setting& a, const Setting& b) { return a.field < b.field; });
  for (std::size_t i = 1; i < settings.size(); ++i)
    if (settings[i].field == settings[i - 1].field)
      throw usage_error("--set", "a second " + settings[i].field, "each field once");
  return settings;
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace

Recipe read_recipe(const std::string& path, const std::vector<std::string>& settings) {
  Recipe recipe = read(YamlMap::read_file(path));  // what is wrong here is wrong in the file
  if (!settings.empty()) {
    YamlMap map = YamlMap::read_file(path);
    std::string label, name = recipe.name;
    for (const auto& [field, value] : parse_settings(settings)) {
      map.set(field, value);
      label.append("--set ").append(field).append("=").append(value).append(" ");
      name.append("+").append(field).append("=").append(value);
    }
    map.set_file(label + "over " + path);
    try {
      recipe = read(map);
    } catch (const Error& error) {
      throw Error(error.what(), 2);
    }
    recipe.name = name;
  }
  recipe.file = path;
  return recipe;
}

std::vector<RecipeEntry> list_recipes() {
  std::vector<RecipeEntry> entries;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(OCTET_RECIPES_DIR, ignored))
    if (file.path().extension() == ".yaml")
      entries.push_back({file.path().stem().string(), file.path().string()});
  std::sort(entries.begin(), entries.end(),
            [](const RecipeEntry& a, const RecipeEntry& b) { return a.name < b.name; });
  return entries;
}

Recipe find_recipe(const std::string& name, const std::vector<std::string>& settings) {
  // A path is a file that must be there, as for machines.
  const bool path = name.find('/') != std::string::npos || name.ends_with(".yaml");
  if (path || is_file(name)) return read_recipe(name, settings);
  std::string names;
  for (const RecipeEntry& entry : list_recipes()) {
    if (entry.name == name) return read_recipe(entry.file, settings);
    names += ", " + entry.name;
  }
  throw usage_error("recipe", "'" + name + "'", "the path of a recipe file" + names);
}

}  // namespace octet::model
