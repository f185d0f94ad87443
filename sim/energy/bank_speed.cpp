#include "sim/energy/bank_speed.hpp"

#include <fmt/format.h>

#include "sim/energy/sram.hpp"

namespace octet::sim {
namespace {

std::string capacity(std::int64_t bytes) {
  if (bytes % 1048576 == 0) return fmt::format("{} MiB", bytes / 1048576);
  return bytes % 1024 == 0 ? fmt::format("{} KiB", bytes / 1024) : fmt::format("{} bytes", bytes);
}

std::string nanoseconds(const Spread& time) {
  if (time.low == time.high) return fmt::format("{:.3g} ns", time.typical);
  return fmt::format("{:.3g} ns ({:.3g} to {:.3g})", time.typical, time.low, time.high);
}

}  // namespace

std::vector<std::string> slow_banks(const EnergyTable& table, const Hardware& hw) {
  std::vector<std::string> notes;
  if (!table.sram) return notes;
  const double clock_ns = 1e9 / static_cast<double>(hw.clock_hz);
  const auto look_at = [&](const char* name, const Scratchpad& pad) {
    const Spread cycle =
        sram_macro(*table.sram, static_cast<double>(pad.bank_bytes()), 8.0 * pad.width_bytes)
            .cycle_ns;
    if (cycle.typical <= clock_ns) return;
    notes.push_back(fmt::format(
        "{}: a bank of {} x {} bits cycles in {} in the {} table, the clock is {:.3g} ns: more, "
        "smaller banks or a slower clock",
        name, capacity(pad.bank_bytes()), 8 * pad.width_bytes, nanoseconds(cycle), table.name,
        clock_ns));
  };
  look_at("activation", hw.activation);
  look_at("weight", hw.weight);
  look_at("accumulator", hw.accumulator);
  return notes;
}

}  // namespace octet::sim
