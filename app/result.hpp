#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "model/quant/recipe.hpp"
#include "model/trainer/trainer.hpp"
#include "sim/config/hardware.hpp"
#include "sim/estimate.hpp"
#include "workloads/graph/network.hpp"

namespace octet::app {

// Parts of result.json: reports/result.schema.json.
[[nodiscard]] nlohmann::ordered_json result_head(const std::string& kind,
                                                 const workloads::Network& network,
                                                 const model::Recipe& recipe);
[[nodiscard]] nlohmann::ordered_json run_section(const std::string& command, int batch);
[[nodiscard]] nlohmann::ordered_json hardware_section(const sim::Hardware& hardware);
// Of a forward pass or inference, for the end of a title: ", forward pass alone", ", inference".
[[nodiscard]] std::string scope_text(sim::Scope scope);
// "32x32 array", "2 arrays of 128x128".
[[nodiscard]] std::string array_text(const sim::Hardware& hardware);
void add_training(nlohmann::ordered_json& result, const model::TrainResult& training);

// Tried in a folder that is to be written; never seen there unless a process is killed at it.
constexpr const char* kFolderProbe = ".octet-writable";
// Folder for results, made and proved writable before the work starts. Throws octet::Error.
[[nodiscard]] std::string prepare_folder(const std::string& folder);
// runs/NAME, of a name that may hold paths that were set: --set-hardware dram.kind=PATH.
[[nodiscard]] std::string default_folder(std::string name);
// Proves that `file` can be written, or says now why not; an empty name is fine.
void prepare_file(const std::string& file);
// Indented, with its last line ended. Bytes of a path that are no UTF-8 become U+FFFD.
[[nodiscard]] std::string json_text(const nlohmann::ordered_json& value);
// result.json and report.html under `folder`, each whole or not at all; also `json_file` if named.
void write_result(const nlohmann::ordered_json& result, const std::string& folder,
                  const std::string& json_file);
// "6.2 GB live of 17.2 GB", and that it does not fit where it does not.
[[nodiscard]] std::string memory_text(const sim::StepEstimate& step);
// A step's notes, each a line.
void print_notes(const std::vector<std::string>& notes);
// A table of the step for people.
void print_step(const sim::StepEstimate& step, const model::Recipe& recipe,
                const sim::Hardware& hardware);

}  // namespace octet::app
