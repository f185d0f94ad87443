#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <string>

namespace octet::app {

// Each adds its subcommand to `cli`; `run` is set to what the chosen subcommand does (exit status).
using Run = std::function<int()>;
void add_train(CLI::App& cli, const std::string& command_line, Run& run);
void add_estimate(CLI::App& cli, const std::string& command_line, Run& run);
void add_accuracy(CLI::App& cli, Run& run);
void add_explore(CLI::App& cli, const std::string& command_line, Run& run);
void add_program(CLI::App& cli, Run& run);
void add_dram(CLI::App& cli, Run& run);
void add_bench(CLI::App& cli, const std::string& command_line, Run& run);
void add_verify(CLI::App& cli, Run& run);
void add_list(CLI::App& cli, Run& run);

}  // namespace octet::app
