#include "sim/views/selection.hpp"

#include <algorithm>
#include <tuple>

#include "common/error.hpp"

namespace octet::sim {

Selection select_commands(const Program& program, const std::vector<Interval>& intervals,
                          const Hardware& hardware, const std::vector<std::string>& layers,
                          std::int64_t most) {
  if (intervals.size() != program.commands.size()) {
    throw Error("trace: found times of " + std::to_string(intervals.size()) + " of " +
                std::to_string(program.commands.size()) + " commands, expected one of each");
  }
  std::vector<bool> shown(program.layers.size(), layers.empty());
  for (const std::string& name : layers) {
    const auto at = std::find_if(program.layers.begin(), program.layers.end(),
                                 [&](const Layer& layer) { return layer.name == name; });
    if (at == program.layers.end()) {
      std::string known;
      for (const Layer& layer : program.layers) known += (known.empty() ? "" : ", ") + layer.name;
      throw usage_error("--trace-layers", "'" + name + "'", "some of " + known);
    }
    shown[static_cast<std::size_t>(at - program.layers.begin())] = true;
  }
  Selection selection{&program, &intervals, &hardware, {}};
  for (std::size_t i = 0; i < program.commands.size(); ++i) {
    if (shown[static_cast<std::size_t>(program.commands[i].layer)])
      selection.commands.push_back(static_cast<int>(i));
  }
  const auto count = static_cast<std::int64_t>(selection.commands.size());
  if (count > most) {
    throw usage_error("--trace", std::to_string(count) + " commands",
                      "at most " + std::to_string(most) +
                          ": --trace-layers shows some layers, a smaller --batch has fewer");
  }
  std::sort(selection.commands.begin(), selection.commands.end(), [&](int a, int b) {
    return std::tuple(intervals[static_cast<std::size_t>(a)].start, a) <
           std::tuple(intervals[static_cast<std::size_t>(b)].start, b);
  });
  return selection;
}

std::int64_t picoseconds(std::int64_t cycle, const Hardware& hardware) {
  // Whole seconds apart, so that the product stays within 64 bits; clocks are whole kilohertz.
  const std::int64_t khz = hardware.clock_hz / 1000;
  const std::int64_t per_second = khz * 1000;
  const std::int64_t rest = cycle % per_second;
  return cycle / per_second * 1'000'000'000'000 + (rest / khz) * 1'000'000'000 +
         (rest % khz * 1'000'000'000 + khz / 2) / khz;
}

std::int64_t bus_bytes(const Command& c, const Program& program, const Hardware& hardware) {
  const std::int64_t burst = hardware.dram.burst_bytes;
  const std::int64_t base = program.tensors[static_cast<std::size_t>(c.a)].address + c.offset;
  std::int64_t bytes = 0;
  for (std::int64_t i = 0; i < c.runs; ++i) {
    const std::int64_t address = base + i * c.stride;
    bytes += (address + c.run_bytes + burst - 1) / burst * burst - address / burst * burst;
  }
  return bytes;
}

}  // namespace octet::sim
