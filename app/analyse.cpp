#include "app/analyse.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "common/error.hpp"
#include "common/file.hpp"

namespace octet::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr long kSamples = 20;  // of a run, unless told otherwise

const char* tensor_name(model::Quantisation::Tensor tensor) {
  using Tensor = model::Quantisation::Tensor;
  switch (tensor) {
    case Tensor::kWeight:
      return "weight";
    case Tensor::kActivation:
      return "activation";
    case Tensor::kGradient:
      return "gradient";
    case Tensor::kWeightGradient:
      break;
  }
  return "weight_gradient";
}

}  // namespace

void add_analyse_options(CLI::App& command, AnalyseOptions& options) {
  command
      .add_option("--analyse", options.what,
                  "angles: between tensors before and after they are quantised")
      ->check(CLI::IsMember({"angles"}));
  command
      .add_option("--analyse-every", options.every,
                  "steps from one look to the next (default: 20 looks)")
      ->check(CLI::Range(1, 1'000'000'000));
}

void check_analyse(const AnalyseOptions& options, const model::Recipe& recipe) {
  if (options.every != 0 && options.what.empty())
    throw usage_error("--analyse-every", std::to_string(options.every), "--analyse beside it");
  if (!options.what.empty() && recipe.float32)
    throw usage_error("--analyse", "recipe " + recipe.name,
                      "an integer recipe: nothing is quantised in float32");
}

Analysis::Analysis(const AnalyseOptions& options, const workloads::Network& network,
                   const model::Recipe& recipe, long steps)
    : network_(network),
      every_(options.every != 0 ? options.every : std::max(1L, steps / kSamples)) {
  if (options.what.empty()) return;
  if (every_ > steps)
    throw usage_error("--analyse-every", std::to_string(every_),
                      "at most the run's " + std::to_string(steps) + " steps");
  angles_.emplace(recipe, every_);
}

model::QuantisationObserver Analysis::observer() {
  if (!angles_) return {};
  return [this](const model::Quantisation& seen) { angles_->add(seen); };
}

Json Analysis::rows() const {
  Json rows = Json::array();
  for (const model::AngleRow& row : angles_->rows()) {
    Json out{{"node", network_.nodes[static_cast<std::size_t>(row.node)].name},
             {"tensor", tensor_name(row.tensor)},
             {"bits", row.bits},
             {"rounding", row.rounding == model::Rounding::kNearest ? "nearest" : "stochastic"},
             {"elements", row.elements},
             {"samples", row.samples},
             {"skipped", row.skipped}};
    // A tensor that was zero in each step has no angle.
    const auto number = [&](double x) { return row.samples > 0 ? Json(x) : Json(nullptr); };
    out["cosine"] = number(row.cosine);
    out["lowest"] = number(row.lowest);
    out["highest"] = number(row.highest);
    out["bound"] = row.bound;
    out["prediction"] = row.prediction;
    rows.push_back(out);
  }
  return rows;
}

void Analysis::add_to(Json& result) const {
  if (angles_) result["training"]["angles"] = {{"every", every_}, {"rows", rows()}};
}

void Analysis::write(const std::string& folder) const {
  if (!angles_) return;
  const Json all = rows();
  std::string text;
  const auto line = [&](const Json& row, const auto& cell) {
    bool first = true;
    for (const auto& [key, value] : row.items()) {
      text += (first ? "" : ",") + cell(key, value);
      first = false;
    }
    text += "\n";
  };
  if (!all.empty()) line(all.front(), [](const std::string& key, const Json&) { return key; });
  for (const Json& row : all)
    line(row, [](const std::string&, const Json& value) {
      if (value.is_null()) return std::string();
      return value.is_string() ? value.get<std::string>() : value.dump();
    });
  write_file(folder + "/angles.csv", text);
}

void Analysis::print() const {
  if (!angles_) return;
  fmt::print(
      "Angles, every {} steps: mean cosine; bound of the paper; prediction for normal values\n",
      every_);
  fmt::print("  {:<12} {:<16} {:>4} {:>9} {:>9} {:>9} {:>8}\n", "node", "tensor", "bits", "cosine",
             "bound", "predicted", "degrees");
  for (const model::AngleRow& row : angles_->rows()) {
    if (row.samples == 0) continue;
    const double degrees = std::acos(std::min(row.cosine, 1.0)) * 180.0 / std::numbers::pi;
    fmt::print("  {:<12} {:<16} {:>4} {:>9.6f} {:>9.6f} {:>9.6f} {:>8.3f}\n",
               network_.nodes[static_cast<std::size_t>(row.node)].name, tensor_name(row.tensor),
               row.bits, row.cosine, row.bound, row.prediction, degrees);
  }
}

}  // namespace octet::app
