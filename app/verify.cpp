#include "app/verify.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "common/error.hpp"

#ifndef OCTET_SOURCE_DIR
#define OCTET_SOURCE_DIR ""
#endif

namespace octet {
namespace {

namespace fs = std::filesystem;

// The program's path in PATH, or nothing.
std::string find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::string rest = path ? path : "";
  while (!rest.empty()) {
    const std::size_t stop = rest.find(':');
    const std::string file = rest.substr(0, stop) + "/" + name;
    if (access(file.c_str(), X_OK) == 0) return file;
    rest = stop == std::string::npos ? "" : rest.substr(stop + 1);
  }
  return "";
}

void require_program(const std::string& name, const std::string& package) {
  if (find_program(name).empty()) {
    throw Error("verify: " + name + " is not on PATH; install it (Debian: apt install " + package +
                ")");
  }
}

// Starts a program with its output on `output`, waits, and returns its exit status (128 + signal).
int run(const std::vector<std::string>& command, int output) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) throw Error("verify: cannot start " + command[0] + ": " + std::strerror(errno));
  if (child == 0) {
    dup2(output, STDOUT_FILENO);
    dup2(output, STDERR_FILENO);
    execvp(arguments[0], arguments.data());
    _exit(127);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) throw Error("verify: lost " + command[0] + ": " + std::strerror(errno));
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// The same, with the output in a file.
int run_logged(const std::vector<std::string>& command, const std::string& log) {
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file < 0) throw Error(log + ": cannot be written: " + std::strerror(errno));
  const int status = run(command, file);
  close(file);
  return status;
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

// The line of a failed build's log that says why: the first error, else the last line.
std::string reason_in(const std::string& log) {
  const std::vector<std::string> lines = lines_of(log);
  for (const char* mark : {"%Error", "error:", "CMake Error"}) {
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (lines[i].find(mark) == std::string::npos) continue;
      // CMake puts the sentence on the next line.
      const bool split = std::string(mark) == "CMake Error" && i + 1 < lines.size();
      return lines[i] + (split ? lines[i + 1] : "");
    }
  }
  return lines.empty() ? "no output" : lines.back();
}

std::string source_tree(const VerifyOptions& options) {
  const fs::path source = options.source.empty() ? OCTET_SOURCE_DIR : options.source;
  if (source.empty() || !fs::exists(source / "tests/cosim/CMakeLists.txt")) {
    throw Error("verify: " + (source.empty() ? "no source tree" : source.string()) +
                ": expected Octet's source tree, with tests/cosim; say where with --source");
  }
  return fs::canonical(source).string();
}

std::string rtl_tree(const VerifyOptions& options, const std::string& source) {
  const fs::path rtl = options.rtl.empty() ? fs::path(source) / "rtl" : fs::path(options.rtl);
  if (!fs::exists(rtl / "files.f")) {
    throw Error("verify: " + rtl.string() + ": expected an RTL folder, with files.f");
  }
  return fs::canonical(rtl).string();
}

std::string build_folder(const VerifyOptions& options, const std::string& source) {
  fs::path build = options.build;
  if (build.empty()) {
    const char* cache = std::getenv("XDG_CACHE_HOME");
    const char* home = std::getenv("HOME");
    if (access(source.c_str(), W_OK) == 0) {
      build = fs::path(source) / "build-verify";
    } else if (cache && *cache) {
      build = fs::path(cache) / "octet-verify";
    } else {
      build =
          (home && *home ? fs::path(home) / ".cache" : fs::temp_directory_path()) / "octet-verify";
    }
  }
  std::error_code error;
  fs::create_directories(build, error);
  if (error || access(build.c_str(), W_OK) != 0) {
    throw Error("verify: " + build.string() + ": expected a folder that can be written");
  }
  return fs::canonical(build).string();
}

// Configures and builds the benches. Throws with the first error of the log.
void build_benches(const std::string& source, const std::string& rtl, const std::string& build,
                   int jobs) {
  const std::string log = build + "/verify.log";
  const auto step = [&](const std::string& what, const std::vector<std::string>& command) {
    if (run_logged(command, log) != 0) {
      throw Error("verify: " + what + " failed: " + reason_in(log) + " (all of it: " + log + ")");
    }
  };
  step("configuring", {"cmake", "-S", source, "-B", build, "-DCMAKE_BUILD_TYPE=Release",
                       "-DOCTET_COSIM_ONLY=ON", "-DOCTET_SANITIZE=OFF", "-DOCTET_RTL_DIR=" + rtl});
  step("building", {"cmake", "--build", build, "--target", "cosim", "--parallel",
                    std::to_string(std::max(jobs, 1))});
}

// Runs one bench and prints its line. True if it passed.
bool run_bench(const std::string& unit, const std::string& folder, const VerifyOptions& options) {
  std::vector<std::string> command = {folder + "/" + unit + "_bench", "--seed",
                                      std::to_string(options.seed)};
  if (!options.capture.empty()) {
    command.push_back("--capture");
    command.push_back(fs::absolute(options.capture).string());
  }
  const std::string log = folder + "/" + unit + ".log";
  const int status = run_logged(command, log);
  const std::vector<std::string> lines = lines_of(log);
  const std::string last = lines.empty() ? "" : lines.back();
  const bool passed = status == 0 && last.rfind("PASS " + unit + ": ", 0) == 0;
  std::string words = "exit status " + std::to_string(status) + ", no verdict";
  for (const char* verdict : {"PASS ", "FAIL "}) {
    const std::string start = verdict + unit + ": ";
    if (last.rfind(start, 0) == 0) words = last.substr(start.size());
  }
  std::printf("%-12s %s  %s\n", unit.c_str(), passed ? "PASS" : "FAIL", words.c_str());
  std::fflush(stdout);
  return passed;
}

}  // namespace

int run_verify(const VerifyOptions& options) {
  const std::string source = source_tree(options);
  const std::string rtl = rtl_tree(options, source);
  require_program("cmake", "cmake");
  require_program("verilator", "verilator");
  if (!options.capture.empty() && !fs::is_directory(options.capture)) {
    throw Error("verify: " + options.capture + ": expected a folder of captured tensors");
  }
  const std::string build = build_folder(options, source);
  std::fprintf(stderr, "verify: building the benches of %s in %s\n", rtl.c_str(), build.c_str());
  build_benches(source, rtl, build, options.jobs);
  const std::string folder = build + "/cosim";
  const std::vector<std::string> units = lines_of(folder + "/benches.txt");
  if (units.empty())
    throw Error("verify: " + folder + "/benches.txt: expected the names of benches");
  bool all = true;
  for (const std::string& unit : units) all = run_bench(unit, folder, options) && all;
  return all ? 0 : 1;
}

}  // namespace octet
