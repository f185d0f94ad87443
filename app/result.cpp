#include "app/result.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <system_error>

#include "app/shown.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "common/machine.hpp"
#include "common/memory.hpp"
#include "model/kernels/kernels.hpp"
#include "reports/page.hpp"

namespace octet::app {
namespace {

using Json = nlohmann::ordered_json;

const char* rounding_name(model::Rounding rounding) {
  return rounding == model::Rounding::kNearest ? "nearest" : "stochastic";
}

const char* norm_name(model::Recipe::Norm norm) {
  switch (norm) {
    case model::Recipe::Norm::kRangeBn:
      return "range_bn";
    case model::Recipe::Norm::kBatchNorm:
      return "batch_norm";
    case model::Recipe::Norm::kNone:
      break;
  }
  return "none";
}

const char* constant_name(model::RangeConstant constant) {
  switch (constant) {
    case model::RangeConstant::kPaper:
      return "paper";
    case model::RangeConstant::kAuthors:
      return "authors";
    case model::RangeConstant::kGaussian:
      break;
  }
  return "gaussian";
}

Json recipe_section(const model::Recipe& r) {
  Json out{{"name", r.name}, {"arithmetic", r.float32 ? "float32" : "integer"}};
  out["norm"] = norm_name(r.norm);
  out["range_constant"] = constant_name(r.range_constant);
  out["chunks"] = r.chunks;
  if (r.float32) return out;
  out["bits_weight"] = r.bits.weight;
  out["bits_activation"] = r.bits.activation;
  out["bits_gradient"] = r.bits.gradient;
  out["bits_weight_gradient"] = r.wgrad_bits();
  out["rounding_activation"] = rounding_name(r.rounding.activation);
  out["rounding_gradient"] = rounding_name(r.rounding.gradient);
  out["rounding_weight_gradient"] = rounding_name(r.rounding.weight_gradient);
  out["bifurcated"] = r.bifurcated;
  out["range"] = r.delayed_ranges ? "delayed" : "current";
  out["extremes"] = r.sample_mean_extremes ? "sample_mean" : "tensor";
  return out;
}

long parameters(const workloads::Network& network) {
  long sum = 0;
  for (const workloads::Node& node : network.nodes) {
    sum += node.weights() + (node.bias ? node.out.channels : 0);
    if (node.op == workloads::Op::kNorm) sum += 2L * node.out.channels;
  }
  return sum;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
  return text;
}

}  // namespace

Json result_head(const std::string& kind, const workloads::Network& network,
                 const model::Recipe& recipe) {
  Json out;
  out["schema_version"] = 1;
  out["octet_version"] = OCTET_VERSION;
  out["kind"] = kind;
  out["workload"] = {{"name", network.name},
                     {"file", std::filesystem::path(network.file).filename().string()},
                     {"classes", network.classes},
                     {"forward_macs_per_image", network.macs()},
                     {"parameters", parameters(network)}};
  out["recipe"] = recipe_section(recipe);
  return out;
}

Json run_section(const std::string& command, int batch) {
  return {{"command", command},
          {"batch", batch},
          {"isa", model::kernels().name},
          {"machine", {{"processor", processor_name()}, {"cores", available_cores()}}},
          {"date", today()}};
}

std::string scope_text(sim::Scope scope) {
  if (scope == sim::Scope::kStep) return "";
  return scope == sim::Scope::kForward ? ", forward pass alone" : ", inference";
}

void add_training(Json& result, const model::TrainResult& training) {
  result["accuracy"] = {{"test", training.epochs.back().test_accuracy},
                        {"train", training.epochs.back().train_accuracy}};
  Json epochs = Json::array();
  for (const model::EpochResult& e : training.epochs) {
    const Json loss = std::isfinite(e.loss) ? Json(e.loss) : Json(nullptr);
    epochs.push_back({{"epoch", e.epoch},
                      {"loss", loss},
                      {"train_accuracy", e.train_accuracy},
                      {"test_accuracy", e.test_accuracy},
                      {"seconds", e.seconds},
                      {"images_per_second", e.images_per_second},
                      {"saturations", e.saturations},
                      {"dead_channels", e.dead_channels}});
  }
  result["training"] = {{"images_per_second", training.images_per_second},
                        {"seconds", training.seconds},
                        {"weights_hash", fmt::format("{:016x}", training.hash)},
                        {"epochs", epochs},
                        {"saturations", training.saturations},
                        {"dead_channels", training.dead_channels},
                        {"peak_memory_bytes", peak_memory_bytes()}};
}

std::string default_folder(std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return "runs/" + name;
}

std::string prepare_folder(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw input_error(folder, "", failed.message(), "a folder that can be made");
  if (const int reason = why_not_writable(folder + "/" + kFolderProbe); reason != 0)
    throw input_error(folder, "", std::generic_category().message(reason),
                      "a folder that can be written");
  return folder;
}

void prepare_file(const std::string& file) {
  if (file.empty()) return;
  if (std::filesystem::is_directory(file))
    throw input_error(file, "", "a folder", "a file that can be written");
  if (const int reason = why_not_writable(file); reason != 0)
    throw input_error(file, "", std::generic_category().message(reason),
                      "a file that can be written");
}

std::string json_text(const Json& value) {
  return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_result(const Json& result, const std::string& folder, const std::string& json_file) {
  const std::string text = json_text(result);
  write_file(folder + "/result.json", text);
  write_file(folder + "/report.html", reports::render_page(text));
  if (!json_file.empty()) write_file(json_file, text);
}

std::string memory_text(const sim::StepEstimate& step) {
  const auto bytes = [](std::int64_t count) {
    const auto value = static_cast<double>(count);
    return value < 1e8 ? shown(1e-6 * value, 1) + " MB" : shown(1e-9 * value, 2) + " GB";
  };
  return fmt::format("{} live of {}{}", bytes(step.stats.live_bytes), bytes(step.memory_bytes),
                     step.fits() ? "" : ": does not fit");
}

void print_notes(const std::vector<std::string>& notes) {
  for (const std::string& note : notes) fmt::print("  note: {}\n", note);
}

void print_step(const sim::StepEstimate& step, const model::Recipe& recipe,
                const sim::Hardware& hardware) {
  const Json out = sim::to_json(step);
  const auto row = [](const std::string& what, const std::string& value) {
    fmt::print("  {:<26} {}\n", what, value);
  };
  const double seconds = out["seconds"];
  const double joules = out["energy_joules"];
  const int batch = out["batch"];
  const char* what = step.scope == sim::Scope::kStep      ? "One training step"
                     : step.scope == sim::Scope::kForward ? "One forward pass of training"
                                                          : "Inference of one batch";
  fmt::print("{} on {} ({}, {}), batch {}\n", what, hardware.name, array_text(hardware),
             hardware.dram.kind, batch);
  row("cycles", fmt::format("{}", out["cycles"].get<std::int64_t>()));
  row("time", fmt::format("{} ms ({:.0f} images/s)", shown(1e3 * seconds, 3), batch / seconds));
  row("MAC array utilisation", fmt::format("{:.1f} %", 100.0 * out["utilisation"].get<double>()));
  row("DRAM traffic", shown(1e-6 * out["dram_bytes"].get<double>(), 1) + " MB");
  row("memory", memory_text(step));
  row("scratchpad traffic", shown(1e-6 * out["sram_bytes"].get<double>(), 1) + " MB");
  const auto millijoules = [](const Json& of) {
    const auto mj = [&](const char* key) { return shown(1e3 * of[key].get<double>(), 3); };
    return fmt::format("{} mJ ({} to {}", mj("energy_joules"), mj("energy_joules_low"),
                       mj("energy_joules_high"));
  };
  row("energy",
      fmt::format("{}; {} uJ an image), table {}", millijoules(out), shown(1e6 * joules / batch, 2),
                  out["energy_table"].get<std::string>()));
  // Units that make up a hundredth or more; the others in one line, so that the parts add up.
  Json others{{"energy_joules", 0.0}, {"energy_joules_low", 0.0}, {"energy_joules_high", 0.0}};
  std::vector<std::string> small;
  for (const Json& unit : out["per_unit"]) {
    const auto name = unit["name"].get<std::string>();
    if (unit["energy_joules"].get<double>() >= 0.01 * joules) {
      row("  " + name, millijoules(unit) + ")");
    } else if (unit["energy_joules_high"].get<double>() > 0.0) {
      for (auto& [key, sum] : others.items()) sum = sum.get<double>() + unit[key].get<double>();
      small.push_back(name);
    }
  }
  if (!small.empty())
    row(small.size() == 1 ? "  " + small[0] : fmt::format("  {} others", small.size()),
        millijoules(others) + ")");
  row("area", fmt::format("{:.2f} mm2 ({:.2f} to {:.2f})", out["area_mm2"].get<double>(),
                          out["area_mm2_low"].get<double>(), out["area_mm2_high"].get<double>()));
  if (recipe.sample_mean_extremes)
    fmt::print("  means of sample extremes are charged as extremes of the tensor\n");
  print_notes(step.notes);
}

}  // namespace octet::app
