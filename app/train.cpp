#include <fmt/core.h>
#include <unistd.h>

#include <memory>
#include <optional>

#include "app/analyse.hpp"
#include "app/capture.hpp"
#include "app/commands.hpp"
#include "app/result.hpp"
#include "app/step_options.hpp"
#include "common/error.hpp"
#include "model/trainer/widths.hpp"

namespace octet::app {
namespace {

struct Options {
  std::string workload, recipe = "int8", hardware = "base", data, out, json, capture;
  std::vector<std::string> set;
  AnalyseOptions analyse;
  int epochs = 0, batch = 0, threads = 2;  // 0: the workload's own
  std::uint32_t seed = 1;
};

// A bar on a terminal; on a pipe only the line at the end of each epoch.
void show_progress(int epoch, int epochs, long step, long steps, double rate) {
  constexpr int kWidth = 30;
  const int filled = static_cast<int>(kWidth * step / steps);
  fmt::print(stderr, "\r  epoch {}/{} [{}{}] {:5.0f} images/s ", epoch, epochs,
             std::string(static_cast<std::size_t>(filled), '#'),
             std::string(static_cast<std::size_t>(kWidth - filled), '.'), rate);
  if (step == steps) fmt::print(stderr, "\r{:72}\r", "");
}

int train(const Options& options, const std::string& command_line) {
  workloads::Network network = workloads::find_network(options.workload);
  const model::Recipe recipe = model::find_recipe(options.recipe, options.set);
  const sim::Hardware hardware = sim::find_hardware(options.hardware);
  if (options.epochs > 0) network.schedule.epochs = options.epochs;
  if (options.batch > 0) network.schedule.batch = options.batch;
  const int batch = network.schedule.batch;
  if (!options.capture.empty() && recipe.float32)
    throw usage_error("--capture", "recipe " + recipe.name,
                      "an integer recipe: captures are codes");
  check_analyse(options.analyse, recipe);
  if (!recipe.float32) model::check_widths(network, recipe, batch);

  // The machine first: it takes seconds, and a step that does not fit is told before the training.
  const sim::StepEstimate step = sim::estimate_step(network, recipe, hardware, batch);
  const workloads::Datasets data = workloads::read_datasets(network, options.data);

  const std::string folder =
      prepare_folder(options.out.empty()
                         ? fmt::format("runs/{}-{}-seed{}", network.name, recipe.name, options.seed)
                         : options.out);

  prepare_file(options.json);

  model::TrainOptions run;
  run.epochs = network.schedule.epochs;
  run.engine.batch = batch;
  run.engine.threads = options.threads;
  run.engine.seed = options.seed;
  if (isatty(STDERR_FILENO) != 0)
    run.progress = [&](int epoch, long done, long steps, double rate) {
      show_progress(epoch, run.epochs, done, steps, rate);
    };
  run.epoch_done = [](const model::EpochResult& e) {
    fmt::print(
        "  epoch {}: loss {:.4f}, train {:.2f} %, test {:.2f} %, {:.1f} s, {:.0f} images/s\n",
        e.epoch, e.loss, 100 * e.train_accuracy, 100 * e.test_accuracy, e.seconds,
        e.images_per_second);
    std::fflush(stdout);
  };
  if (!options.capture.empty()) {
    const std::string capture = prepare_folder(options.capture);
    run.engine.keep_gradients = true;
    run.last_step = [&network, capture](model::Engine& engine) {
      capture_tensors(network, engine, capture);
    };
  }
  Analysis analysis(options.analyse, network, recipe,
                    data.train.images() / batch * network.schedule.epochs);
  run.engine.observer = analysis.observer();
  fmt::print("{} on {} images, recipe {}, batch {}, {} epochs, seed {}, {} threads\n", network.name,
             data.train.images(), recipe.name, batch, run.epochs, options.seed, options.threads);
  std::fflush(stdout);
  const model::TrainResult training = model::train(network, recipe, data, run);

  auto result = result_head("train", network, recipe);
  result["hardware"] = hardware_section(hardware);
  result["run"] = run_section(command_line, batch);
  result["run"]["seed"] = options.seed;
  result["run"]["threads"] = options.threads;
  result["run"]["epochs"] = run.epochs;
  add_training(result, training);
  analysis.add_to(result);
  result["step"] = sim::to_json(step);
  analysis.write(folder);
  write_result(result, folder, options.json);

  if (training.saturations > 0)
    fmt::print("  {} values saturated outside their range\n", training.saturations);
  if (training.dead_channels > 0)
    fmt::print("  {} times a Range-BN channel was dead in a step\n", training.dead_channels);
  fmt::print("\nTraining\n  {:<26} {:.2f} %\n  {:<26} {:.0f}\n  {:<26} {:016x}\n", "test accuracy",
             100 * training.epochs.back().test_accuracy, "images/s here",
             training.images_per_second, "weights hash", training.hash);
  analysis.print();
  print_step(step, recipe, hardware);
  fmt::print("\nReport: {}/report.html\nResult: {}/result.json\n", folder, folder);
  return 0;
}

}  // namespace

void add_train(CLI::App& cli, const std::string& command_line, Run& run) {
  CLI::App* command =
      cli.add_subcommand("train",
                         "Train a workload and say what a step costs on the machine\n"
                         "example: octet train fashion-cnn --epochs 5 --seed 1 --out runs/first");
  auto options = std::make_shared<Options>();
  command->add_option("workload", options->workload, "a network's name or file")->required();
  command->add_option("--recipe", options->recipe, "recipe name or file")->capture_default_str();
  add_set_option(*command, options->set);
  command->add_option("--hardware", options->hardware, "machine name or file")
      ->capture_default_str();
  command->add_option("--data", options->data, "folder of the data set (default: the workload's)");
  command->add_option("--epochs", options->epochs, "default: the workload's")
      ->check(CLI::Range(1, 100'000));
  command->add_option("--batch", options->batch, "default: the workload's")
      ->check(CLI::Range(1, 1 << 20));
  command->add_option("--seed", options->seed, "of weights, order and rounding")
      ->capture_default_str();
  command->add_option("--threads", options->threads, "no effect on any result")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  command->add_option("--out", options->out, "folder for result.json and report.html");
  command->add_option("--json", options->json, "also write the result to this file");
  command->add_option("--capture", options->capture, "folder for the last step's tensors");
  add_analyse_options(*command, options->analyse);
  command->callback([options, command_line, &run] {
    run = [options, command_line] { return train(*options, command_line); };
  });
}

}  // namespace octet::app
