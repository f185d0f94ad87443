#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "common/error.hpp"
#include "sim/estimate.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/machine.hpp"
#include "sim/views/chrome_trace.hpp"
#include "sim/views/vcd.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

struct Step {
  explicit Step(const char* machine, const char* name = "tiny-cnn")
      : hardware(find_hardware(machine)),
        program(lower(workloads::find_network(name), model::find_recipe("int8"), hardware, 8)),
        estimate(estimate_program(program, hardware, &run)) {}
  [[nodiscard]] Selection all() const { return some({}); }
  [[nodiscard]] Selection some(const std::vector<std::string>& layers,
                               std::int64_t most = 1 << 20) const {
    return select_commands(program, run.intervals, hardware, layers, most);
  }
  Hardware hardware;
  Program program;
  MachineRun run;
  StepEstimate estimate;
};

TEST(Views, PicosecondsOfACycle) {
  Hardware hw;
  hw.clock_hz = 500'000'000;
  EXPECT_EQ(picoseconds(7, hw), 14'000);
  hw.clock_hz = 700'000'000;
  EXPECT_EQ(picoseconds(1, hw), 1429);  // 1428.57
  EXPECT_EQ(picoseconds(7, hw), 10'000);
  EXPECT_EQ(picoseconds(700'000'000'000, hw), 1'000'000'000'000'000);
}

TEST(ChromeTrace, BusySumsAreTheStatistics) {
  const Step r("base");
  const auto trace = nlohmann::json::parse(chrome_trace(r.all()));
  std::map<int, std::int64_t> busy;
  std::map<int, double> ends;  // of the event before, by track
  std::int64_t bytes = 0;
  std::int64_t macs = 0;
  double before = 0.0;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    const int track = event["tid"];
    const double start = event["ts"];
    EXPECT_GE(start, before);  // in the order of their starts
    before = start;
    EXPECT_GE(start, ends[track] - 1e-9);  // one command at a time
    ends[track] = start + event["dur"].get<double>();
    busy[track] += event["args"]["cycles"].get<std::int64_t>();
    bytes += event["args"].value("bus_bytes", std::int64_t{0});
    macs += event["args"].value("macs", std::int64_t{0});
  }
  for (int u = 0; u < kUnits; ++u)
    EXPECT_EQ(busy[u + 1], r.run.stats.unit_time[static_cast<std::size_t>(u)].busy) << u;
  EXPECT_EQ(bytes, r.run.stats.total().dram_bytes);
  EXPECT_EQ(macs, r.run.stats.total().macs);
}

TEST(ChromeTrace, BandwidthAddsUpToTheBytes) {
  const Step r("edge");
  const auto trace = nlohmann::json::parse(chrome_trace(r.all()));
  double bytes = 0.0;
  double time = 0.0;
  double rate = 0.0;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] != "C") continue;
    const double now = event["ts"];
    EXPECT_GE(now, time);
    bytes += rate * (now - time) * 1e3;  // GB/s times microseconds
    time = now;
    rate = event["args"]["read"].get<double>() + event["args"]["written"].get<double>();
  }
  EXPECT_EQ(rate, 0.0);  // nothing moves at the end
  const auto total = static_cast<double>(r.run.stats.total().dram_bytes);
  EXPECT_NEAR(bytes, total, 1e-4 * total);  // six digits a rate
}

TEST(ChromeTrace, ChosenLayersOnly) {
  const Step r("base");
  const auto trace = nlohmann::json::parse(chrome_trace(r.some({"conv1", "fc1"})));
  std::set<std::string> layers;
  for (const auto& event : trace["traceEvents"]) {
    if (event["ph"] == "X") layers.insert(event["args"]["layer"].get<std::string>());
  }
  EXPECT_EQ(layers, (std::set<std::string>{"conv1", "fc1"}));
}

TEST(Views, RefusesWhatCannotBeShown) {
  const Step r("base");
  EXPECT_THROW((void)r.some({"conv99"}), Error);
  const auto commands = static_cast<std::int64_t>(r.program.commands.size());
  EXPECT_NO_THROW((void)r.some({}, commands));
  EXPECT_THROW((void)r.some({}, commands - 1), Error);
  EXPECT_THROW((void)select_commands(r.program, {}, r.hardware, {}, commands), Error);
}

// A reader of value change dumps: the time that each one-bit signal is 1, the integral of reals,
// and the largest value of vectors, by "scope.name".
struct Dump {
  std::map<std::string, std::string> name_of;  // by identifier
  std::map<std::string, std::int64_t> high;    // picoseconds
  std::map<std::string, double> integral;      // value x picoseconds
  std::map<std::string, std::int64_t> most;
  std::int64_t end = 0;
};

Dump read_dump(const std::string& text) {
  Dump dump;
  std::istringstream lines(text);
  std::string line;
  std::string scope;
  std::map<std::string, double> value;
  while (std::getline(lines, line)) {
    std::istringstream words(line);
    std::string first;
    words >> first;
    if (first == "$scope") {
      words >> first >> scope;
    } else if (first == "$var") {
      std::string kind, bits, id, name;
      words >> kind >> bits >> id >> name;
      EXPECT_EQ(dump.name_of.count(id), 0U) << id;
      dump.name_of[id] = scope + "." + name;
    } else if (first[0] == '#') {
      const std::int64_t now = std::stoll(first.substr(1));
      EXPECT_GE(now, dump.end);
      for (const auto& [name, v] : value) {
        dump.high[name] += v == 1.0 ? now - dump.end : 0;
        dump.integral[name] += v * static_cast<double>(now - dump.end);
      }
      dump.end = now;
    } else if (first[0] == 'b' || first[0] == 'r') {
      std::string id;
      words >> id;
      const std::string name = dump.name_of.at(id);
      if (first == "bx") {
        value[name] = 0.0;
      } else if (first[0] == 'r') {
        value[name] = std::stod(first.substr(1));
      } else {
        const std::int64_t v = std::stoll(first.substr(1), nullptr, 2);
        value[name] = static_cast<double>(v);
        dump.most[name] = std::max(dump.most[name], v);
      }
    } else if (first[0] == '0' || first[0] == '1') {
      value[dump.name_of.at(first.substr(1))] = first[0] - '0';
    }
  }
  for (const auto& [name, v] : value) {
    if (name.find("layer") == std::string::npos) {
      EXPECT_EQ(v, 0.0) << name;
    }
  }
  return dump;
}

TEST(Vcd, BusyTimesAreTheStatistics) {
  const Step r("edge");  // 500 MHz: whole picoseconds
  const Dump dump = read_dump(value_change_dump(r.all()));
  EXPECT_EQ(dump.end, r.run.stats.cycles * 2000);
  for (int u = 0; u < kUnits; ++u) {
    const std::string unit = unit_name(static_cast<Unit>(u));
    EXPECT_EQ(dump.high.at(unit + ".busy"),
              r.run.stats.unit_time[static_cast<std::size_t>(u)].busy * 2000)
        << unit;
  }
  const double bytes = (dump.integral.at("dram.read") + dump.integral.at("dram.written")) / 2000;
  const auto total = static_cast<double>(r.run.stats.total().dram_bytes);
  EXPECT_NEAR(bytes, total, 1e-6 * total);
}

TEST(Vcd, QueuesHoldWhatWaitsForItsUnitAlone) {
  // Two loads that wait for nothing: one runs at 0, the other waits until it has ended.
  Program program;
  program.layers = {{"a", "fc"}};
  program.tensors = {{"x", TensorKind::kActivation, 0, 64, 1, 64, 0}};
  Command load;
  load.a = 0;
  load.run_bytes = 64;
  load.runs = 1;
  Command last = load;
  last.deps = {1};  // ready only when its unit is free anyway
  program.commands = {load, load, last};
  Hardware hw = find_hardware("edge");
  const std::vector<Interval> intervals{{0, 10}, {10, 30}, {30, 31}};
  const Dump dump = read_dump(value_change_dump(select_commands(program, intervals, hw, {}, 10)));
  EXPECT_EQ(dump.high.at("dma_load.queue"), 10 * 2000);
  EXPECT_EQ(dump.most.at("dma_load.queue"), 1);
  EXPECT_EQ(dump.high.at("dma_load.busy"), 31 * 2000);
}

}  // namespace
}  // namespace octet::sim
