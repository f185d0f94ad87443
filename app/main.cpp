// The octet command: one subcommand a file. Exit status 0, 1 (it ran and failed) or 2 (bad use).
#include <fmt/core.h>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <new>

#include "app/commands.hpp"
#include "common/error.hpp"
#include "common/utf8.hpp"

namespace {

// One line of UTF-8, as results hold it: a path may have any bytes.
std::string joined(int argc, char** argv) {
  std::string line = "octet";
  for (int i = 1; i < argc; ++i) line += std::string(" ") + argv[i];
  for (char& c : line)
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return octet::to_utf8(line);
}

// CLI11's messages can run over several lines; ours are one.
std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

int command(int argc, char** argv) {
  // A step frees and takes the same large buffers again: keep them instead of asking the kernel
  // for fresh, zeroed pages each time.
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 2'000'000'000);
  mallopt(M_TOP_PAD, 64 << 20);

  CLI::App cli{
      "Octet trains neural networks in 8-bit integers and models the accelerator that does."};
  cli.name("octet");
  cli.set_version_flag("--version", OCTET_VERSION);
  cli.require_subcommand(1);
  octet::app::Run run;
  const std::string command_line = joined(argc, argv);
  octet::app::add_train(cli, command_line, run);
  octet::app::add_estimate(cli, command_line, run);
  octet::app::add_accuracy(cli, run);
  octet::app::add_explore(cli, command_line, run);
  octet::app::add_program(cli, run);
  octet::app::add_dram(cli, run);
  octet::app::add_bench(cli, command_line, run);
  octet::app::add_verify(cli, run);
  octet::app::add_list(cli, run);
  const auto commands = cli.get_subcommands([](const CLI::App*) { return true; });
  const auto is_first = [&](const CLI::App* command) { return command->get_name() == argv[1]; };
  if (argc > 1 && argv[1][0] != '-' && std::none_of(commands.begin(), commands.end(), is_first)) {
    fmt::print(stderr, "octet: {}: found no such command, expected one of octet --help\n", argv[1]);
    return 2;
  }
  try {
    cli.parse(argc, argv);
  } catch (const CLI::Success& help) {
    return cli.exit(help);
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "octet: {} (octet --help shows the use)\n", one_line(error.what()));
    return 2;
  }
  try {
    const int status = run();
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      throw octet::Error("standard output: could not be written");
    return status;
  } catch (const octet::Error& error) {
    fmt::print(stderr, "octet: {}\n", error.what());
    return error.exit_status();
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "octet: out of memory: a smaller --batch needs less\n");
  } catch (const std::exception& error) {
    fmt::print(stderr, "octet: {}\n", error.what());
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return command(argc, argv);
  } catch (...) {  // an error while an error was being reported
    std::fputs("octet: failed while it was reporting an error\n", stderr);
    return 1;
  }
}
