#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace octet::sim::explore {

// What one point came to.
struct Outcome {
  bool ok = false;
  std::string error;  // one line, where not ok: the machine can not run this network, say
  int batch = 0;
  std::int64_t cycles = 0;
  double seconds = 0.0, joules = 0.0;  // of one step
  double joules_low = 0.0, joules_high = 0.0;
  std::optional<double> area_mm2;  // where the energy table has areas
  std::int64_t dram_bytes = 0, sram_bytes = 0, macs = 0;
  double utilisation = 0.0;
  std::int64_t needed_bytes = 0, memory_bytes = 0;  // that live at once; of the DRAM
  [[nodiscard]] bool fits() const { return needed_bytes <= memory_bytes; }
  [[nodiscard]] double seconds_per_image() const { return seconds / batch; }
  [[nodiscard]] double joules_per_image() const { return joules / batch; }
  [[nodiscard]] double joules_per_image_low() const { return joules_low / batch; }
  [[nodiscard]] double joules_per_image_high() const { return joules_high / batch; }
};

}  // namespace octet::sim::explore
