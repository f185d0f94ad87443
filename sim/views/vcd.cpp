#include "sim/views/vcd.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <tuple>

namespace octet::sim {
namespace {

constexpr int kBits = 32;
// Variables: three a unit, then the DRAM's.
constexpr int kPerUnit = 3;
constexpr int kBusy = 0, kQueue = 1, kLayer = 2;
constexpr int kDramBusy = kPerUnit * kUnits, kRead = kDramBusy + 1, kWritten = kDramBusy + 2;
constexpr int kVariables = kWritten + 1;

std::string code(int variable) { return std::string(1, static_cast<char>('!' + variable)); }

std::string vector_value(std::int64_t value, int variable) {
  return fmt::format("b{:0{}b} {}\n", value, kBits, code(variable));
}

struct Change {
  std::int64_t ps = 0;
  int variable = 0;
  int order = 0;           // at one time the last counts
  std::int64_t delta = 0;  // busy and queue: added up
  double value = 0.0;      // read, written; layer: -1 is x
};

void add_command(std::vector<Change>& changes, const Selection& s, int id) {
  const Command& c = s.program->commands[static_cast<std::size_t>(id)];
  const Interval& at = (*s.intervals)[static_cast<std::size_t>(id)];
  const int unit = static_cast<int>(unit_of(c.op));
  const int base = kPerUnit * unit;
  const std::int64_t start = picoseconds(at.start, *s.hardware);
  const std::int64_t end = picoseconds(at.end, *s.hardware);
  std::int64_t ready = 0;
  for (const int d : c.deps)
    ready = std::max(ready, (*s.intervals)[static_cast<std::size_t>(d)].end);
  if (ready < at.start) {
    changes.push_back({picoseconds(ready, *s.hardware), base + kQueue, 0, 1, 0.0});
    changes.push_back({start, base + kQueue, 0, -1, 0.0});
  }
  changes.push_back({start, base + kBusy, 0, 1, 0.0});
  changes.push_back({end, base + kBusy, 0, -1, 0.0});
  changes.push_back({start, base + kLayer, 1, 0, static_cast<double>(c.layer)});
  changes.push_back({end, base + kLayer, 0, 0, -1.0});
  if (c.op != Opcode::kLoad && c.op != Opcode::kStore) return;
  const int rate = c.op == Opcode::kLoad ? kRead : kWritten;
  changes.push_back({start, kDramBusy, 0, 1, 0.0});
  changes.push_back({end, kDramBusy, 0, -1, 0.0});
  changes.push_back({start, rate, 1, 0,
                     static_cast<double>(bus_bytes(c, *s.program, *s.hardware)) /
                         static_cast<double>(at.end - at.start)});
  changes.push_back({end, rate, 0, 0, 0.0});
}

std::string header(const Selection& s) {
  std::string out = fmt::format("$comment {} on {}, batch {}, {} Hz $end\n", s.program->network,
                                s.hardware->name, s.program->batch, s.hardware->clock_hz);
  for (std::size_t i = 0; i < s.program->layers.size(); ++i)
    out += fmt::format("$comment layer {}: {} $end\n", i, s.program->layers[i].name);
  out += "$timescale 1 ps $end\n$scope module machine $end\n";
  for (int u = 0; u < kUnits; ++u) {
    const int base = kPerUnit * u;
    out += fmt::format(
        "$scope module {} $end\n$var wire 1 {} busy $end\n$var wire {} {} queue [{}:0] $end\n"
        "$var wire {} {} layer [{}:0] $end\n$upscope $end\n",
        unit_name(static_cast<Unit>(u)), code(base + kBusy), kBits, code(base + kQueue), kBits - 1,
        kBits, code(base + kLayer), kBits - 1);
  }
  out += fmt::format(
      "$scope module dram $end\n$var wire 1 {} busy $end\n$var real 64 {} read $end\n"
      "$var real 64 {} written $end\n$upscope $end\n$upscope $end\n$enddefinitions $end\n",
      code(kDramBusy), code(kRead), code(kWritten));
  return out;
}

bool is_flag(int v) { return v == kDramBusy || (v < kDramBusy && v % kPerUnit == kBusy); }
bool is_queue(int v) { return v < kDramBusy && v % kPerUnit == kQueue; }

}  // namespace

std::string value_change_dump(const Selection& s) {
  std::vector<Change> changes;
  for (const int id : s.commands) add_command(changes, s, id);
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::tuple(a.ps, a.variable, a.order) < std::tuple(b.ps, b.variable, b.order);
  });
  std::array<std::int64_t, kVariables> count{};  // of deltas
  std::array<std::string, kVariables> text;      // as last written
  for (int v = 0; v < kVariables; ++v) {
    const auto at = static_cast<std::size_t>(v);
    if (is_flag(v)) {
      text[at] = fmt::format("0{}\n", code(v));
    } else if (is_queue(v)) {
      text[at] = vector_value(0, v);
    } else {
      text[at] = fmt::format("{} {}\n", v < kDramBusy ? "bx" : "r0", code(v));
    }
  }
  std::string out = header(s) + "#0\n$dumpvars\n";
  for (const std::string& value : text) out += value;
  out += "$end\n";
  std::int64_t time = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Change& c = changes[i];
    const auto at = static_cast<std::size_t>(c.variable);
    count[at] += c.delta;
    if (i + 1 < changes.size() && changes[i + 1].ps == c.ps &&
        changes[i + 1].variable == c.variable)
      continue;
    std::string value;
    if (is_flag(c.variable)) {
      value = fmt::format("{}{}\n", count[at] > 0 ? 1 : 0, code(c.variable));
    } else if (is_queue(c.variable)) {
      value = vector_value(count[at], c.variable);
    } else if (c.variable >= kRead) {
      value = fmt::format("r{:.9g} {}\n", c.value, code(c.variable));
    } else {
      value = c.value < 0.0 ? fmt::format("bx {}\n", code(c.variable))
                            : vector_value(static_cast<std::int64_t>(c.value), c.variable);
    }
    if (value == text[at]) continue;
    if (c.ps != time) out += fmt::format("#{}\n", c.ps);
    time = c.ps;
    out += value;
    text[at] = std::move(value);
  }
  // The end of the run, also where nothing changes in it.
  std::int64_t last = 0;
  for (const Interval& interval : *s.intervals) last = std::max(last, interval.end);
  const std::int64_t end = picoseconds(last, *s.hardware);
  if (end != time) out += fmt::format("#{}\n", end);
  return out;
}

}  // namespace octet::sim
