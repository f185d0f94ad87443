#include "sim/timing/waits.hpp"

#include "sim/program/lower.hpp"
#include "sim/timing/occupancy.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

Command command(Opcode op, std::vector<std::int32_t> deps, std::int64_t bytes = 0,
                Pad pad = Pad::kActivation) {
  Command c;
  c.op = op;
  c.deps = std::move(deps);
  c.a = 0;
  c.pad = static_cast<std::int64_t>(pad);
  c.run_bytes = bytes;
  c.runs = bytes > 0 ? 1 : 0;
  return c;
}

StepStats empty_stats(std::int64_t cycles) {
  StepStats stats(1, kPhases, kStatUnits, kTensorKinds, kPads);
  stats.cycles = cycles;
  return stats;
}

TEST(Waits, GoToTheUnitThatFinishedLast) {
  Program program;
  program.commands = {command(Opcode::kLoad, {}), command(Opcode::kQuantise, {}),
                      command(Opcode::kGemm, {}), command(Opcode::kGemm, {0, 1}),
                      command(Opcode::kGemm, {3})};
  StepStats stats = empty_stats(30);
  // The second product waits from 5 to 12: for the load, which ends after the quantiser. The third
  // starts at once.
  attribute_waits(program, {{0, 12}, {0, 9}, {0, 5}, {12, 20}, {20, 30}}, stats);
  const auto wait = [&](Unit unit, Unit cause) {
    return stats.wait(static_cast<int>(unit), static_cast<int>(cause));
  };
  EXPECT_EQ(wait(Unit::kMacArray, Unit::kDmaLoad), 7);
  EXPECT_EQ(wait(Unit::kMacArray, Unit::kVector), 0);
  EXPECT_EQ(wait(Unit::kMacArray, Unit::kMacArray), 0);
}

TEST(Occupancy, HoldsATileUntilItsLastUser) {
  Program program;
  // Two loads of 100 bytes, the first used until 30; the third takes the first's place.
  program.commands = {command(Opcode::kLoad, {}, 100), command(Opcode::kLoad, {}, 50),
                      command(Opcode::kGemm, {0, 1}), command(Opcode::kLoad, {0, 2}, 80)};
  StepStats stats = empty_stats(40);
  measure_occupancy(program, {{0, 10}, {10, 20}, {20, 30}, {30, 40}}, stats);
  const PadUse& use = stats.pads[static_cast<std::size_t>(Pad::kActivation)];
  EXPECT_EQ(use.peak_bytes, 150);
  EXPECT_DOUBLE_EQ(use.mean_bytes, (100 * 30 + 50 * 20 + 80 * 10) / 40.0);
  EXPECT_EQ(stats.pads[static_cast<std::size_t>(Pad::kWeight)].peak_bytes, 0);
}

TEST(Occupancy, HoldsASumFromItsMakingToTheEndOfItsStore) {
  Program program;
  program.commands = {command(Opcode::kGemm, {}),
                      command(Opcode::kStore, {0}, 64, Pad::kAccumulator)};
  StepStats stats = empty_stats(20);
  measure_occupancy(program, {{4, 10}, {12, 20}}, stats);
  const PadUse& use = stats.pads[static_cast<std::size_t>(Pad::kAccumulator)];
  EXPECT_EQ(use.peak_bytes, 64);
  EXPECT_DOUBLE_EQ(use.mean_bytes, 64 * 16 / 20.0);
}

// An update's results lie where its operands were loaded: each byte is held once.
TEST(Occupancy, CountsWhatIsUpdatedInPlaceOnce) {
  Program program;
  Command update = command(Opcode::kUpdate, {0, 1});
  update.a = 1;
  update.out = 0;
  Command gradient = command(Opcode::kLoad, {}, 100, Pad::kWeight);
  gradient.a = 1;
  program.commands = {command(Opcode::kLoad, {}, 100, Pad::kWeight), gradient, update,
                      command(Opcode::kStore, {2}, 100, Pad::kWeight)};
  StepStats stats = empty_stats(40);
  measure_occupancy(program, {{0, 10}, {10, 20}, {20, 30}, {30, 40}}, stats);
  const PadUse& use = stats.pads[static_cast<std::size_t>(Pad::kWeight)];
  EXPECT_EQ(use.peak_bytes, 200);
  EXPECT_DOUBLE_EQ(use.mean_bytes, (100 * 40 + 100 * 20) / 40.0);
}

TEST(Occupancy, NoScratchpadHoldsMoreThanItsBytesWhereUpdatesFillIt) {
  const Hardware hw = find_hardware("edge", {"scratchpads.weight.bytes=4096"});
  const Program program =
      lower(workloads::find_network("fashion-cnn"), model::find_recipe("int8"), hw, 4);
  const StepStats stats = run_machine(program, hw).stats;
  EXPECT_LE(stats.pads[static_cast<std::size_t>(Pad::kWeight)].peak_bytes, hw.weight.bytes);
}

// What the lowering promises: its tiles fit. And every cycle of a stall has a cause.
TEST(Occupancy, NoScratchpadHoldsMoreThanItsBytes) {
  for (const char* machine : {"edge", "base", "server"}) {
    for (const char* network : {"tiny-cnn", "fashion-cnn", "resnet-20"}) {
      SCOPED_TRACE(std::string(machine) + " " + network);
      const Hardware hw = find_hardware(machine);
      const Program program =
          lower(workloads::find_network(network), model::find_recipe("int8"), hw, 16);
      const StepStats stats = run_machine(program, hw).stats;
      const std::array<std::int64_t, kPads> bytes{hw.activation.bytes, hw.weight.bytes,
                                                  hw.accumulator.bytes};
      for (std::size_t p = 0; p < kPads; ++p) {
        EXPECT_GT(stats.pads[p].peak_bytes, 0);
        EXPECT_LE(stats.pads[p].peak_bytes, bytes[p]);
        EXPECT_LE(stats.pads[p].mean_bytes, static_cast<double>(stats.pads[p].peak_bytes));
      }
      for (int u = 0; u < kUnits; ++u) {
        std::int64_t waits = 0;
        for (int cause = 0; cause < kUnits; ++cause) waits += stats.wait(u, cause);
        EXPECT_EQ(waits, stats.unit_time[static_cast<std::size_t>(u)].stall);
      }
    }
  }
}

}  // namespace
}  // namespace octet::sim
