#include "app/dram_trace.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "common/error.hpp"
#include "common/file.hpp"
#include "sim/timing/machine.hpp"

namespace octet::app {
namespace {

constexpr std::size_t kBufferBytes = 1 << 20;

// A regular file appears under its name when it is whole; a device or a FIFO gets the lines as they
// come; a link stays one, and what it names is written.
class TraceFile {
 public:
  TraceFile(const std::string& path, bool cycles, std::int64_t burst)
      : path_(path), target_(behind_links(path)), cycles_(cycles), burst_(burst) {
    namespace fs = std::filesystem;
    std::error_code none;
    const bool replaced = !fs::exists(target_, none) || fs::is_regular_file(target_, none);
    if (replaced) part_ = target_ + ".part";
    file_.open(replaced ? part_ : target_, std::ios::binary);
    check();
  }
  ~TraceFile() {
    std::error_code ignored;
    if (!part_.empty()) std::filesystem::remove(part_, ignored);
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
    if (part_.empty()) return;
    std::error_code error;
    const auto old = std::filesystem::status(target_, error);
    if (!error && std::filesystem::exists(old))  // keep who may read it
      std::filesystem::permissions(part_, old.permissions(), error);
    std::filesystem::rename(part_, target_, error);
    if (error) throw failed(error.message());
    part_.clear();
  }

 private:
  void flush() {
    file_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
    check();
    text_.clear();
  }
  void check() {
    if (!file_) throw failed(std::generic_category().message(errno));
  }
  [[nodiscard]] Error failed(const std::string& why) const {
    return input_error(path_, "write", why, "a file that can be written");
  }
  std::string path_, target_;
  std::string part_;  // empty: written in place, or whole
  std::ofstream file_;
  bool cycles_;
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
