#include <memory>

#include "app/commands.hpp"
#include "app/verify.hpp"

namespace octet::app {

void add_verify(CLI::App& cli, Run& run) {
  CLI::App* verify =
      cli.add_subcommand("verify",
                         "Build the RTL under Verilator and check it against the golden model\n"
                         "example: octet verify --rtl my-rtl --seed 7");
  auto options = std::make_shared<VerifyOptions>();
  verify->add_option("--source", options->source, "source tree (default: where octet was built)");
  verify->add_option("--rtl", options->rtl, "RTL to verify (default: rtl/ of the source tree)");
  verify->add_option("--build", options->build, "folder for the benches");
  verify->add_option("--seed", options->seed, "seed of the random tests")->capture_default_str();
  verify->add_option("--jobs", options->jobs, "compiler processes")
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  verify->add_option("--capture", options->capture, "tensors of a training run (train --capture)");
  verify->callback([&run, options] { run = [options] { return run_verify(*options); }; });
}

}  // namespace octet::app
