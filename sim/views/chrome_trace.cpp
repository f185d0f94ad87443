#include "sim/views/chrome_trace.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>

namespace octet::sim {
namespace {

constexpr int kProcess = 1;

std::string quoted(const std::string& text) { return nlohmann::json(text).dump(); }

std::string microseconds(std::int64_t ps) {
  return fmt::format("{}.{:06}", ps / 1'000'000, ps % 1'000'000);
}

// What the command works on, as members of "args".
std::string sizes(const Command& c, const Selection& s) {
  const auto tensor = [&](std::int64_t id) {
    return quoted(s.program->tensors[static_cast<std::size_t>(id)].name);
  };
  switch (c.op) {
    case Opcode::kLoad:
    case Opcode::kStore:
      return fmt::format(R"("tensor":{},"pad":"{}","bytes":{},"bus_bytes":{},"runs":{})",
                         tensor(c.a), pad_name(static_cast<Pad>(c.pad)), c.dma_bytes(),
                         bus_bytes(c, *s.program, *s.hardware), c.runs);
    case Opcode::kGemm:
      return fmt::format(R"("out":{},"groups":{},"rows":{},"cols":{},"depth":{},"macs":{})",
                         tensor(c.out), c.g, c.rows, c.cols, c.depth, c.macs());
    default:
      return fmt::format(R"("elements":{})", c.elements());
  }
}

void add_tracks(std::string& out, const Selection& s) {
  const std::string title = s.program->network + " on " + s.hardware->name + ", batch " +
                            std::to_string(s.program->batch);
  out += fmt::format(R"({{"ph":"M","pid":{},"name":"process_name","args":{{"name":{}}}}})",
                     kProcess, quoted(title));
  for (int u = 0; u < kUnits; ++u) {
    out += fmt::format(
        ",\n"
        R"({{"ph":"M","pid":{0},"tid":{1},"name":"thread_name","args":{{"name":"{2}"}}}})"
        ",\n"
        R"({{"ph":"M","pid":{0},"tid":{1},"name":"thread_sort_index","args":{{"sort_index":{1}}}}})",
        kProcess, u + 1, unit_name(static_cast<Unit>(u)));
  }
}

// The mean rate of each transfer over its time: its integral is the bytes that the bus moved.
void add_bandwidth(std::string& out, const Selection& s) {
  struct Change {
    std::int64_t ps;
    bool begins;
    int unit;
    double rate;  // GB/s
  };
  std::vector<Change> changes;
  for (const int id : s.commands) {
    const Command& c = s.program->commands[static_cast<std::size_t>(id)];
    if (c.op != Opcode::kLoad && c.op != Opcode::kStore) continue;
    const Interval& at = (*s.intervals)[static_cast<std::size_t>(id)];
    const std::int64_t start = picoseconds(at.start, *s.hardware);
    const std::int64_t end = picoseconds(at.end, *s.hardware);
    const double rate = 1e3 * static_cast<double>(bus_bytes(c, *s.program, *s.hardware)) /
                        static_cast<double>(end - start);
    const int unit = c.op == Opcode::kLoad ? 0 : 1;
    changes.push_back({start, true, unit, rate});
    changes.push_back({end, false, unit, 0.0});
  }
  std::sort(changes.begin(), changes.end(), [](const Change& a, const Change& b) {
    return std::tuple(a.ps, a.begins, a.unit) < std::tuple(b.ps, b.begins, b.unit);
  });
  std::array<double, 2> rate{};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    rate[static_cast<std::size_t>(changes[i].unit)] = changes[i].rate;
    if (i + 1 < changes.size() && changes[i + 1].ps == changes[i].ps) continue;
    out += fmt::format(
        ",\n"
        R"({{"ph":"C","pid":{},"name":"DRAM GB/s","ts":{},"args":{{"read":{:.6g},"written":{:.6g}}}}})",
        kProcess, microseconds(changes[i].ps), rate[0], rate[1]);
  }
}

}  // namespace

std::string chrome_trace(const Selection& s) {
  std::string out = fmt::format(
      R"({{"displayTimeUnit":"ns","otherData":{{"clock_hz":{},"network":{},"hardware":{}}},)"
      "\n\"traceEvents\":[\n",
      s.hardware->clock_hz, quoted(s.program->network), quoted(s.hardware->name));
  add_tracks(out, s);
  for (const int id : s.commands) {
    const Command& c = s.program->commands[static_cast<std::size_t>(id)];
    const Interval& at = (*s.intervals)[static_cast<std::size_t>(id)];
    const std::int64_t start = picoseconds(at.start, *s.hardware);
    out += fmt::format(
        ",\n"
        R"({{"ph":"X","pid":{},"tid":{},"name":"{}","cat":"{}","ts":{},"dur":{},"args":{{)"
        R"("layer":{},"phase":"{}","command":{},"start_cycle":{},"cycles":{},{}}}}})",
        kProcess, static_cast<int>(unit_of(c.op)) + 1, opcode_name(c.op), phase_name(c.phase),
        microseconds(start), microseconds(picoseconds(at.end, *s.hardware) - start),
        quoted(s.program->layers[static_cast<std::size_t>(c.layer)].name), phase_name(c.phase), id,
        at.start, at.end - at.start, sizes(c, s));
  }
  add_bandwidth(out, s);
  out += "\n]}\n";
  return out;
}

}  // namespace octet::sim
