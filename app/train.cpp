#include <fmt/core.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "app/activity.hpp"
#include "app/analyse.hpp"
#include "app/capture.hpp"
#include "app/commands.hpp"
#include "app/result.hpp"
#include "app/run_folder.hpp"
#include "app/step_options.hpp"
#include "app/stop_signals.hpp"
#include "app/train_progress.hpp"
#include "common/error.hpp"
#include "common/memory.hpp"
#include "model/kernels/kernels.hpp"
#include "model/trainer/widths.hpp"

namespace octet::app {
namespace {

struct Options {
  std::string workload, recipe = "int8", hardware = "base", data, out, json, capture, activity;
  std::vector<std::string> set;
  AnalyseOptions analyse;
  int epochs = 0, batch = 0, threads = 2;  // 0: the workload's own
  std::uint32_t seed = 1;
  bool resume = false, restart = false;
  int checkpoint_every = 0;  // steps; 0: after each epoch only
};

// Says where the run stands, and ends the process as the signal would have.
[[noreturn]] void end_stopped(const model::TrainResult& training, const std::string& checkpoint) {
  fmt::print(stderr,
             "octet: stopped by {} in epoch {}, after {} of its steps; --resume goes on from {}\n",
             StopSignals::name(StopSignals::received()), training.epochs.size() + 1,
             training.steps_in_epoch, checkpoint);
  std::fflush(stdout);
  StopSignals::end();
}

// Milestones at which nothing is left to train would be skipped without a word; a file that has
// such is refused too.
void check_milestones(const workloads::Network& network) {
  const workloads::Schedule& schedule = network.schedule;
  if (schedule.milestones.empty() || schedule.milestones.back() < schedule.epochs) return;
  throw usage_error("--epochs", std::to_string(schedule.epochs),
                    fmt::format("more than {}, the last milestone of {}",
                                schedule.milestones.back(), network.file));
}

int train(const Options& options, const std::string& command_line) {
  workloads::Network network = workloads::find_network(options.workload);
  const model::Recipe recipe = model::find_recipe(options.recipe, options.set);
  const sim::Hardware hardware = sim::find_hardware(options.hardware);
  if (options.epochs > 0) network.schedule.epochs = options.epochs;
  if (options.batch > 0) network.schedule.batch = options.batch;
  check_milestones(network);
  const int batch = network.schedule.batch;
  (void)model::kernels();  // refuses an OCTET_ISA that it does not know
  if (!options.capture.empty() && recipe.float32)
    throw usage_error("--capture", "recipe " + recipe.name,
                      "an integer recipe: captures are codes");
  if (!options.activity.empty() && recipe.float32)
    throw usage_error("--activity", "recipe " + recipe.name,
                      "an integer recipe: codes are counted");
  check_analyse(options.analyse, recipe);
  if (!recipe.float32) model::check_widths(network, recipe, batch);

  // The machine first: it takes seconds, and a step that does not fit is told before the training.
  const sim::StepEstimate step = sim::estimate_step(network, recipe, hardware, batch);
  const workloads::Datasets data = workloads::read_datasets(network, options.data);
  if (data.train.images() < batch)
    throw input_error(options.data.empty() ? network.dataset.path : options.data, "training images",
                      std::to_string(data.train.images()),
                      fmt::format("at least one batch of {}", batch));

  const RunFolder folder(options.out.empty() ? fmt::format("runs/{}-{}-seed{}", network.name,
                                                           recipe.name, options.seed)
                                             : options.out);
  folder.check_outputs({{"--json", options.json}, {"--activity", options.activity}});

  prepare_file(options.json);
  prepare_file(options.activity);

  const std::string checkpoint = folder.checkpoint();
  const model::RunIdentity identity = model::run_identity(network, recipe, data, options.seed);
  const std::optional<model::Checkpoint> resumed =
      find_checkpoint(checkpoint,
                      options.resume    ? Begin::kResume
                      : options.restart ? Begin::kRestart
                                        : Begin::kRefuseUnfinished,
                      identity);

  const long total_steps = data.train.images() / batch * network.schedule.epochs;

  ProgressBar bar;  // an error ends its line before it is told
  model::TrainOptions run;
  run.epochs = network.schedule.epochs;
  run.engine.batch = batch;
  run.engine.threads = options.threads;
  run.engine.seed = options.seed;
  if (isatty(STDERR_FILENO) != 0)
    run.progress = [&](const model::TrainingNews& news) { bar.show(news, run.epochs); };
  run.epoch_done = [&](const model::EpochResult& epoch, const model::TrainingNews& news) {
    print_epoch(epoch, news, network);
  };
  run.checkpoint_every = options.checkpoint_every;
  run.checkpoint = [&](const model::RunProgress& progress, const model::TrainingState& state) {
    model::write_checkpoint(checkpoint, identity, progress, state);
  };
  // It stays until the run writes its own over it: one that can not begin loses nothing.
  run.replaces_another = !resumed && std::filesystem::exists(checkpoint);
  run.stop = [] { return StopSignals::received() != 0; };
  if (resumed) run.resume = &*resumed;
  if (resumed && !options.analyse.what.empty())
    throw usage_error("--analyse", "a run that goes on from " + checkpoint,
                      "one from its first step");
  if (resumed && !options.capture.empty() && resumed->state.step == total_steps)
    throw usage_error("--capture", "a run whose last step is done", "steps that are left to train");
  if (resumed && !options.activity.empty() && resumed->state.step == total_steps)
    throw usage_error("--activity", "a run whose last step is done",
                      "steps that are left to train");
  if (!options.capture.empty() || !options.activity.empty()) {
    if (!options.capture.empty()) (void)prepare_folder(options.capture);
    run.engine.keep_gradients = true;
    run.last_step = [&](model::Engine& engine) {
      if (!options.capture.empty()) capture_tensors(network, engine, options.capture);
      if (!options.activity.empty())
        write_activity(network, recipe, engine, command_line, options.activity);
    };
  }
  Analysis analysis(options.analyse, network, recipe,
                    data.train.images() / batch * network.schedule.epochs);
  run.engine.observer = analysis.observer();
  run.engine.observe_every = analysis.every();
  fmt::print("{} on {} images, recipe {}, batch {}, {} epochs, seed {}, {} threads\n", network.name,
             data.train.images(), recipe.name, batch, run.epochs, options.seed, options.threads);
  if (resumed)
    fmt::print("  going on after {} of {} epochs and {} steps\n", resumed->progress.epochs.size(),
               run.epochs, resumed->progress.step);
  std::fflush(stdout);
  const StopSignals signals;
  const model::TrainResult training = model::train(network, recipe, data, run);
  bar.end();
  if (!training.finished) end_stopped(training, checkpoint);

  auto result = result_head("train", network, recipe);
  result["hardware"] = hardware_section(hardware);
  result["run"] = run_section(command_line, batch);
  result["run"]["seed"] = options.seed;
  result["run"]["threads"] = options.threads;
  result["run"]["epochs"] = run.epochs;
  add_training(result, training);
  analysis.add_to(result);
  result["step"] = sim::to_json(step);
  analysis.write(folder.path());
  write_result(result, folder.path(), options.json);

  if (training.saturations > 0)
    fmt::print("  {} values saturated outside their range\n", training.saturations);
  if (training.dead_channels > 0)
    fmt::print("  {} times a Range-BN channel was dead in a step\n", training.dead_channels);
  fmt::print("\nTraining\n  {:<26} {:.2f} %\n  {:<26} {:.0f}\n  {:<26} {:016x}\n", "test accuracy",
             100 * training.epochs.back().test_accuracy, "images/s here",
             training.images_per_second, "weights hash", training.hash);
  fmt::print("  {:<26} {:.0f} MB\n", "peak memory",
             1e-6 * static_cast<double>(peak_memory_bytes()));
  analysis.print();
  print_step(step, recipe, hardware);
  fmt::print("\nReport: {}/report.html\nResult: {}/result.json\n", folder.path(), folder.path());
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
  CLI::Option* resume = command->add_flag("--resume", options->resume,
                                          "go on from the checkpoint in --out, if there is one");
  command
      ->add_flag("--restart", options->restart,
                 "begin anew, over the checkpoint of an unfinished run")
      ->excludes(resume);
  command
      ->add_option("--checkpoint-every", options->checkpoint_every,
                   "steps between checkpoints (default: one after each epoch)")
      ->check(CLI::Range(1, 1'000'000'000));
  command->add_option("--capture", options->capture, "folder for the last step's tensors");
  command
      ->add_option("--activity", options->activity,
                   "file for how often the bits of the last step's operands change, for octet "
                   "estimate --activity")
      ->type_name("FILE");
  add_analyse_options(*command, options->analyse);
  command->callback([options, command_line, &run] {
    run = [options, command_line] { return train(*options, command_line); };
  });
}

}  // namespace octet::app
