#include "app/trained_run.hpp"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/file.hpp"

namespace octet::app {
namespace {

using nlohmann::json;

json parse(const std::string& file) {
  try {
    return json::parse(read_text_file(file));
  } catch (const json::parse_error&) {
    throw input_error(file, "", "no JSON", "a result.json of octet train");
  }
}

// A field by its path, "training/epochs".
template <typename T>
T field(const json& object, const std::string& file, const std::string& path) {
  try {
    return object.at(json::json_pointer("/" + path)).get<T>();
  } catch (const json::exception&) {
    throw input_error(file, path, "no such field of its kind", "a result.json of octet train");
  }
}

// A result names its recipe NAME+FIELD=VALUE+...: find_recipe's name and settings.
model::Recipe recipe_of(const std::string& file, const std::string& name) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at <= name.size();) {
    const std::size_t end = std::min(name.find('+', at), name.size());
    parts.push_back(name.substr(at, end - at));
    at = end + 1;
  }
  try {
    return model::find_recipe(parts[0], {parts.begin() + 1, parts.end()});
  } catch (const Error&) {
    throw input_error(file, "recipe/name", "'" + name + "'", "a recipe that comes with Octet");
  }
}

}  // namespace

TrainedRun read_trained_run(const std::string& path) {
  TrainedRun run;
  run.file = std::filesystem::is_directory(path) ? path + "/result.json" : path;
  const json result = parse(run.file);
  run.workload = field<std::string>(result, run.file, "workload/name");
  run.batch = field<int>(result, run.file, "run/batch");
  if (run.batch < 1)
    throw input_error(run.file, "run/batch", std::to_string(run.batch), "1 or more");
  run.recipe = recipe_of(run.file, field<std::string>(result, run.file, "recipe/name"));
  const auto epochs = field<json::array_t>(result, run.file, "training/epochs");
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    const json& row = epochs[i];
    const std::string at = "training/epochs/" + std::to_string(i) + "/";
    const auto value = [&](const char* name) { return field<double>(result, run.file, at + name); };
    // An epoch's images are its rate times its time: a whole number of steps.
    const double images = value("images_per_second") * value("seconds");
    run.epochs.push_back({value("test_accuracy"), std::lround(images / run.batch)});
    if (run.epochs.back().steps < 1)
      throw input_error(run.file, at + "seconds", row.dump(), "an epoch of one step or more");
  }
  if (run.epochs.empty()) throw input_error(run.file, "training/epochs", "none", "one or more");
  return run;
}

}  // namespace octet::app
