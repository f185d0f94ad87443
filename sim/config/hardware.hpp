#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/config/datapath.hpp"
#include "sim/config/dram.hpp"

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
  int rows = 0, cols = 0;            // of one array
  int arrays = 1;                    // equal ones, which share a product's folds
  std::optional<Dataflow> dataflow;  // none (auto): the best for each product
  bool fold_overlap = false;         // shadow registers: a fold's fill and drain under the next
  GradientDatapath gradient_datapath = GradientDatapath::kNative;
  Scratchpad activation, weight, accumulator;
  Dram dram;
  int dma_in_flight = 16;  // runs of a DMA that the memory may hold, each direction
  int vector_lanes = 0, vector_depth = 0;
  RangeBnUnit range_bn;
  int update_lanes = 0;
  std::string technology;
  std::string energy_file;              // an energy table in the place of the technology's; or none
  std::string activity_file;            // measured switching of a run's operands; or none
  Datapath datapath = Datapath::kInt8;  // of the array's cells
  bool float32_values = false;          // floats lie in memory as f32, cells of 16 bits round them
  [[nodiscard]] std::int64_t cells() const { return std::int64_t{rows} * cols * arrays; }
  [[nodiscard]] double dram_bytes_per_cycle() const {  // peak
    return dram.peak_bytes_per_second() / static_cast<double>(clock_hz);
  }
};

// Throws octet::Error: file, line, field, found, expected. `settings` are FIELD=VALUE, read as if
// the file said so: array.rows=64. They are added to its name, and a bad one is bad use.
[[nodiscard]] Hardware read_hardware(const std::string& path,
                                     const std::vector<std::string>& settings = {});
// `name` is a file's path or the name of a machine that comes with Octet.
[[nodiscard]] Hardware find_hardware(const std::string& name,
                                     const std::vector<std::string>& settings = {});
struct HardwareEntry {
  std::string name, file, description;
};
[[nodiscard]] std::vector<HardwareEntry> list_hardware();

}  // namespace octet::sim
