#include "app/dram_trace.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "common/error.hpp"
#include "sim/timing/machine.hpp"

namespace octet::app {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

class TraceFile {
 public:
  TraceFile(std::string path, bool cycles, std::int64_t burst)
      : path_(std::move(path)),
        part_(path_ + ".part"),
        file_(part_, std::ios::binary),
        cycles_(cycles),
        burst_(burst) {
    check();
  }
  ~TraceFile() {
    std::error_code ignored;
    if (!whole_) std::filesystem::remove(part_, ignored);
  }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;

  void add(std::int64_t address, std::int64_t bytes, bool write, std::int64_t clock) {
    clock_ = std::max(clock_, clock);  // runs queue up in the order of the calls
    auto to = std::back_inserter(text_);
    for (std::int64_t at = address / burst_ * burst_; at < address + bytes; at += burst_) {
      if (cycles_)
        fmt::format_to(to, "0x{:x} {} {}\n", at, write ? "WRITE" : "READ", clock_);
      else
        fmt::format_to(to, "{} 0x{:x}\n", write ? "ST" : "LD", at);
      if (text_.size() > kBufferBytes) flush();
    }
  }
  void finish() {
    flush();
    file_.close();
    check();
    std::error_code error;
    std::filesystem::rename(part_, path_, error);
    if (error) throw Error(path_ + ": could not be written: " + error.message());
    whole_ = true;
  }

 private:
  void flush() {
    file_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    check();
    text_.clear();
  }
  void check() {
    if (!file_) throw Error(path_ + ": could not be written: " + std::strerror(errno));
  }
  std::string path_, part_;
  std::ofstream file_;
  bool cycles_, whole_ = false;
  std::int64_t burst_, clock_ = 0;
  fmt::memory_buffer text_;
};

}  // namespace

void add_dram_trace_options(CLI::App& command, DramTraceOptions& options) {
  CLI::Option* trace =
      command.add_option("--dram-trace", options.file,
                         "write every burst of the step to this file (about 25 bytes each)");
  command
      .add_option("--dram-trace-format", options.format,
                  "dramsim3 (address, READ or WRITE, clock) or ramulator2 (LD or ST, address)")
      ->check(CLI::IsMember({"dramsim3", "ramulator2"}))
      ->capture_default_str()
      ->needs(trace);
}

void write_dram_trace(const DramTraceOptions& options, const sim::Hardware& hardware,
                      const std::function<sim::Program()>& lower) {
  if (options.file.empty()) return;
  TraceFile trace(options.file, options.format == "dramsim3", hardware.dram.burst_bytes);
  sim::RunOptions watched;
  watched.observer = [&](std::int64_t address, std::int64_t bytes, bool write, std::int64_t clock) {
    trace.add(address, bytes, write, clock);
  };
  (void)sim::run_machine(lower(), hardware, watched);
  trace.finish();
}

}  // namespace octet::app
