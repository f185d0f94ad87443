#include "sim/views/compare.hpp"

#include <cmath>

#include "sim/program/lower.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

ComparedSide side(const Hardware& hardware, const char* network = "tiny-cnn", int batch = 8) {
  const Program program =
      lower(workloads::find_network(network), model::find_recipe("int8"), hardware, batch);
  MachineRun run;
  ComparedSide side{hardware, estimate_program(program, hardware, &run), {}};
  side.causes = causes_of(program, run.intervals, hardware);
  return side;
}

double seconds_of(const ComparedSide& s, Cause cause) {
  double cycles = 0.0;
  for (const PhaseCauses& c : s.causes) cycles += c.by_cause[static_cast<std::size_t>(cause)];
  return cycles / static_cast<double>(s.hardware.clock_hz);
}

TEST(Causes, AddUpToTheAttributedCycles) {
  for (const char* machine : {"edge", "base", "server"}) {
    const ComparedSide s = side(find_hardware(machine), "fashion-cnn");
    const StepStats& stats = s.estimate.stats;
    for (int l = 0; l < stats.layers(); ++l) {
      for (int p = 0; p < kPhases; ++p) {
        const PhaseCauses& c = s.causes[static_cast<std::size_t>(l * kPhases + p)];
        EXPECT_EQ(c.cycles, stats.of_phase(l, p).cycles);
        for (int u = 0; u < kUnits; ++u)
          EXPECT_EQ(c.by_unit[static_cast<std::size_t>(u)], stats.at(l, p, u).cycles);
        double sum = 0.0;
        for (const double cycles : c.by_cause) {
          EXPECT_GE(cycles, 0.0);
          sum += cycles;
        }
        EXPECT_NEAR(sum, static_cast<double>(c.cycles), 1e-6 * static_cast<double>(c.cycles));
      }
    }
  }
}

// One command at a time, by hand: a transfer of two bursts of 64 bytes at 38.4 bytes a cycle, then
// a product, then a vector command that its port slows.
TEST(Causes, ByHand) {
  HardwareText text;
  const Hardware hw = text.read();  // ports of 64 bytes a cycle, 8 lanes, depth 8
  Program program;
  program.layers = {{"a", "fc"}};
  program.tensors = {{"x", TensorKind::kActivation, 0, 128, 1, 64, 0},
                     {"y", TensorKind::kWideActivation, 0, 4096, 4, 64, -1}};
  Command load;
  load.a = 0;
  load.run_bytes = 128;
  load.runs = 1;
  Command gemm;
  gemm.op = Opcode::kGemm;
  gemm.a = gemm.b = 0;
  gemm.rows = gemm.cols = gemm.depth = gemm.g = 1;
  Command add;  // 12 bytes an element: 96 a cycle for 8 lanes, 64 pass
  add.op = Opcode::kAddWide;
  add.a = add.b = add.out = 1;
  add.count = 1024;
  program.commands = {load, gemm, add};
  const std::vector<Interval> intervals{{0, 40}, {40, 50}, {50, 50 + 201}};
  const PhaseCauses c = causes_of(program, intervals, hw)[0];
  const auto of = [&](Cause cause) { return c.by_cause[static_cast<std::size_t>(cause)]; };
  EXPECT_NEAR(of(Cause::kDram), 128 / 38.4, 1e-9);
  EXPECT_NEAR(of(Cause::kDependency), 40 - 128 / 38.4, 1e-9);
  EXPECT_NEAR(of(Cause::kPort), 1024 * 12 / 64 - 1024 / 8, 1e-9);
  EXPECT_NEAR(of(Cause::kCompute), 10 + 201 - (192 - 128), 1e-9);
  EXPECT_EQ(c.bound_cause(), Cause::kCompute);
  EXPECT_EQ(c.bound_unit(), Unit::kVector);
}

TEST(Compare, NothingDiffersFromItself) {
  const ComparedSide s = side(find_hardware("base"));
  for (const ComparedPart& part : compare_parts(s, s)) {
    EXPECT_EQ(part.difference(), 0.0);
    EXPECT_EQ(part.cause_seconds, 0.0);
  }
}

TEST(Compare, NamesWhatWasChanged) {
  const Hardware base = find_hardware("base");
  const ComparedSide a = side(base, "fashion-cnn", 16);
  const auto gains = [&](const Hardware& changed) {
    const ComparedSide b = side(changed, "fashion-cnn", 16);
    std::array<double, kCauses> gain{};
    for (int i = 0; i < kCauses; ++i)
      gain[static_cast<std::size_t>(i)] =
          seconds_of(a, static_cast<Cause>(i)) - seconds_of(b, static_cast<Cause>(i));
    return gain;
  };
  Hardware ports = base;
  for (Scratchpad* pad : {&ports.activation, &ports.weight, &ports.accumulator})
    pad->width_bytes *= 16;
  const auto port = gains(ports);
  EXPECT_GT(port[static_cast<std::size_t>(Cause::kPort)], 0.0);
  EXPECT_NEAR(seconds_of(side(ports, "fashion-cnn", 16), Cause::kPort), 0.0,
              0.01 * seconds_of(a, Cause::kPort) + 1e-9);
  const auto bus = gains(find_hardware("base", {"dram.channels=8"}));
  EXPECT_EQ(std::max_element(bus.begin(), bus.end()) - bus.begin(), static_cast<int>(Cause::kDram));
}

TEST(Compare, PartsAreSortedAndAddUp) {
  const ComparedSide a = side(find_hardware("edge"));
  const ComparedSide b = side(find_hardware("server"));
  double difference = 0.0;
  double before = 1e9;
  for (const ComparedPart& part : compare_parts(a, b)) {
    difference += part.difference();
    EXPECT_LE(std::abs(part.difference()), before);
    before = std::abs(part.difference());
  }
  EXPECT_NEAR(difference, b.estimate.seconds() - a.estimate.seconds(), 1e-12);
  const auto json = compare_json(a, b);
  EXPECT_EQ(json["total"]["cycles"]["a"], a.estimate.stats.cycles);
  EXPECT_EQ(json["phases"].size(), static_cast<std::size_t>(kPhases));
}

}  // namespace
}  // namespace octet::sim
