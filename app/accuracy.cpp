#include <fmt/core.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands.hpp"
#include "app/result.hpp"
#include "app/trained_run.hpp"
#include "common/error.hpp"
#include "common/file.hpp"
#include "sim/estimate.hpp"

namespace octet::app {
namespace {

using Json = nlohmann::ordered_json;

struct Options {
  std::vector<std::string> runs, hardware{"base"};
  std::vector<double> targets{80.0, 85.0, 90.0};
  std::string workload, json;
};

// Where a run stood after each epoch on the machine: accuracy, time and energy since the start.
Json curve(const TrainedRun& run, const sim::StepEstimate& step) {
  Json rows = Json::array();
  long steps = 0;
  for (std::size_t i = 0; i < run.epochs.size(); ++i) {
    steps += run.epochs[i].steps;
    const sim::Spread energy = step.energy() * static_cast<double>(steps);
    rows.push_back({{"epoch", i + 1},
                    {"test_accuracy", run.epochs[i].test_accuracy},
                    {"seconds", static_cast<double>(steps) * step.seconds()},
                    {"joules", energy.typical},
                    {"joules_low", energy.low},
                    {"joules_high", energy.high}});
  }
  return rows;
}

// The first epoch after which the test accuracy was at least `percent`; null if none was.
Json reached(const Json& curve, double percent) {
  for (const Json& row : curve)
    if (100.0 * row["test_accuracy"].get<double>() >= percent)
      return {{"target_percent", percent},       {"epoch", row["epoch"]},
              {"seconds", row["seconds"]},       {"joules", row["joules"]},
              {"joules_low", row["joules_low"]}, {"joules_high", row["joules_high"]}};
  return {{"target_percent", percent}, {"epoch", nullptr},      {"seconds", nullptr},
          {"joules", nullptr},         {"joules_low", nullptr}, {"joules_high", nullptr}};
}

Json cost(const TrainedRun& run, const std::string& workload, const std::string& machine,
          const std::vector<double>& targets) {
  const workloads::Network network = workloads::find_network(workload);
  const sim::Hardware hardware = sim::find_hardware(machine);
  const sim::StepEstimate step = sim::estimate_step(network, run.recipe, hardware, run.batch);
  const sim::Spread energy = step.energy();
  Json row{{"run", run.file},
           {"workload", network.name},
           {"recipe", run.recipe.name},
           {"hardware", hardware.name},
           {"batch", run.batch},
           {"seconds_per_step", step.seconds()},
           {"joules_per_step", energy.typical},
           {"joules_per_step_low", energy.low},
           {"joules_per_step_high", energy.high},
           {"curve", curve(run, step)}};
  row["targets"] = Json::array();
  for (const double target : targets) row["targets"].push_back(reached(row["curve"], target));
  return row;
}

std::string amount(const Json& value, const char* unit) {
  return value.is_null() ? "-" : fmt::format("{:.4g} {}", value.get<double>(), unit);
}

std::string energy(const Json& of) {
  if (of["joules"].is_null()) return "-";
  const auto joules = [&](const char* key) { return of[key].get<double>(); };
  return fmt::format("{} ({:.4g} to {:.4g})", amount(of["joules"], "J"), joules("joules_low"),
                     joules("joules_high"));
}

void print_row(const Json& row) {
  const auto name = [&](const char* key) { return row[key].get<std::string>(); };
  const Json& last = row["curve"].back();
  fmt::print("{}, {} on {}, batch {}: {} epochs, {:.2f} % in the end\n", name("workload"),
             name("recipe"), name("hardware"), row["batch"].get<int>(),
             last["epoch"].get<std::int64_t>(), 100.0 * last["test_accuracy"].get<double>());
  for (const Json& target : row["targets"])
    fmt::print(
        "  to {:<6} {:>8} {:>14} {:>34}\n",
        fmt::format("{:g} %", target["target_percent"].get<double>()),
        target["epoch"].is_null() ? "never" : fmt::format("epoch {}", target["epoch"].get<int>()),
        amount(target["seconds"], "s"), energy(target));
  fmt::print("  {:<9} {:>8} {:>14} {:>34}\n", "to the end", "", amount(last["seconds"], "s"),
             energy(last));
}

int accuracy(const Options& options) {
  for (const double target : options.targets)
    if (!(target > 0.0 && target <= 100.0))
      throw usage_error("--target", fmt::format("{:g}", target), "a percentage above 0, up to 100");
  prepare_file(options.json);
  Json rows = Json::array();
  for (const std::string& path : options.runs) {
    const TrainedRun run = read_trained_run(path);
    const std::string workload = options.workload.empty() ? run.workload : options.workload;
    for (const std::string& machine : options.hardware) {
      rows.push_back(cost(run, workload, machine, options.targets));
      print_row(rows.back());
    }
  }
  if (!options.json.empty()) write_file(options.json, json_text(rows));
  return 0;
}

}  // namespace

void add_accuracy(CLI::App& cli, Run& run) {
  CLI::App* command = cli.add_subcommand(
      "accuracy",
      "What trained runs cost on machines until they reach an accuracy: time and energy\n"
      "example: octet accuracy runs/first --hardware edge,server --target 85,90");
  auto options = std::make_shared<Options>();
  command->add_option("runs", options->runs, "result.json files of octet train, or their folders")
      ->required();
  command->add_option("--hardware", options->hardware, "machine names or files")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--target", options->targets, "test accuracies, percent")
      ->delimiter(',')
      ->capture_default_str();
  command->add_option("--workload", options->workload,
                      "the network's file, where it does not come with Octet");
  command->add_option("--json", options->json, "also write the curves and targets to this file");
  command->callback([options, &run] { run = [options] { return accuracy(*options); }; });
}

}  // namespace octet::app
