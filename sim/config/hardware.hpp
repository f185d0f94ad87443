#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace octet::sim {

// What stays in the array while the rest passes: docs/timing.md.
enum class Dataflow : std::uint8_t { kOutput, kWeight, kInput };
inline constexpr int kDataflows = 3;
[[nodiscard]] const char* dataflow_name(Dataflow dataflow);  // os, ws, is

enum class GradientDatapath { kNative, kTwoPass };

// One on-chip memory, double buffered: one half is filled while the other is used.
struct Scratchpad {
  std::int64_t bytes = 0;
  int banks = 0;
  int width_bytes = 0;  // of one bank's port, each cycle
  [[nodiscard]] std::int64_t half_bytes() const { return bytes / 2; }
  [[nodiscard]] std::int64_t bytes_per_cycle() const { return std::int64_t{banks} * width_bytes; }
  [[nodiscard]] std::int64_t bank_bytes() const { return bytes / banks; }
};

// DRAM, times in its own clocks. Channels run in lockstep: one wide device.
struct Dram {
  std::string kind;
  std::int64_t clock_hz = 0;
  int channels = 0;
  int banks = 0;                   // of one channel
  std::int64_t row_bytes = 0;      // of one bank, all channels
  std::int64_t burst_bytes = 0;    // of one burst, all channels
  int burst_clocks = 0;            // BL/2
  int cl = 0, rcd = 0, rp = 0;     // clocks
  std::int64_t refi = 0, rfc = 0;  // clocks between refreshes, clocks of one; 0: no refresh
  [[nodiscard]] double peak_bytes_per_second() const {
    return static_cast<double>(burst_bytes) / burst_clocks * static_cast<double>(clock_hz);
  }
};

struct RangeBnUnit {
  int lanes = 0;
  int divider_cycles = 0;
};

// The accelerator, resolved and checked: docs/timing.md.
struct Hardware {
  std::string name;
  std::string file;
  std::string description;
  std::int64_t clock_hz = 0;
  int rows = 0, cols = 0;
  std::optional<Dataflow> dataflow;  // none (auto): the best for each product
  bool fold_overlap = false;         // shadow registers: a fold's fill and drain under the next
  GradientDatapath gradient_datapath = GradientDatapath::kNative;
  Scratchpad activation, weight, accumulator;
  Dram dram;
  int vector_lanes = 0, vector_depth = 0;
  RangeBnUnit range_bn;
  int update_lanes = 0;
  std::string technology;
  [[nodiscard]] double dram_bytes_per_cycle() const {  // peak
    return dram.peak_bytes_per_second() / static_cast<double>(clock_hz);
  }
};

// Throws octet::Error: file, line, field, found, expected.
[[nodiscard]] Hardware read_hardware(const std::string& path);
// `name` is a file's path or the name of a machine that comes with Octet.
[[nodiscard]] Hardware find_hardware(const std::string& name);
struct HardwareEntry {
  std::string name, file, description;
};
[[nodiscard]] std::vector<HardwareEntry> list_hardware();

}  // namespace octet::sim
