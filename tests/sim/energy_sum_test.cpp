// Energy is counts x prices, exactly, wherever it is summed.
#include "common/error.hpp"
#include "sim/energy/step_counts.hpp"
#include "sim/estimate.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

StepEstimate estimate(const char* network, const char* recipe, const Hardware& hw, int batch) {
  return estimate_step(workloads::find_network(network), model::find_recipe(recipe), hw, batch);
}

std::int64_t count(const StepStats& stats, Activity activity) {
  return stats.total().activity[static_cast<std::size_t>(activity)];
}

void expect_near(const Spread& a, const Spread& b) {
  EXPECT_NEAR(a.low, b.low, 1e-9 * b.low);
  EXPECT_NEAR(a.typical, b.typical, 1e-9 * b.typical);
  EXPECT_NEAR(a.high, b.high, 1e-9 * b.high);
}

Spread spread_of(const nlohmann::json& object, const std::string& key) {
  return {object.at(key + "_low").get<double>(), object.at(key).get<double>(),
          object.at(key + "_high").get<double>()};
}

TEST(EnergySum, CountsTimesThePrintedTable) {
  for (const char* machine : {"edge", "base", "server"}) {
    for (const char* technology : {"45nm", "7nm"}) {
      for (const char* recipe : {"int8", "int8-delayed", "float32"}) {
        SCOPED_TRACE(std::string(machine) + " " + technology + " " + recipe);
        Hardware hw = find_hardware(machine);
        hw.technology = technology;
        const StepEstimate e = estimate("tiny-cnn", recipe, hw, 8);
        const nlohmann::json step = to_json(e);
        Spread rows, cells, layers, phases, units;
        for (const auto& row : step["energy"]) {
          rows += spread_of(row, "picojoules_each") * (row["count"].get<double>() * 1e-12);
          EXPECT_FALSE(row["source"].get<std::string>().empty());
        }
        for (int l = 0; l < e.stats.layers(); ++l) {
          for (int p = 0; p < e.stats.phases(); ++p) {
            for (int u = 0; u < e.stats.units(); ++u) cells += e.energy(l, p, u);
          }
        }
        for (const auto& layer : step["per_layer"]) {
          layers += spread_of(layer, "energy_joules");
          for (const auto& phase : layer["phases"]) phases += spread_of(phase, "energy_joules");
        }
        for (const auto& unit : step["per_unit"]) units += spread_of(unit, "energy_joules");
        for (const Spread& sum : {rows, cells, layers, phases, units}) expect_near(sum, e.energy());
        EXPECT_LT(e.energy().low, e.energy().typical);
        EXPECT_LT(e.energy().typical, e.energy().high);
      }
    }
  }
}

TEST(EnergySum, BarsHoldEveryFigure) {
  const StepEstimate e = estimate("fashion-cnn", "int8", find_hardware("edge"), 4);
  for (const Spread& cell : e.cell_joules) {
    EXPECT_LE(cell.low, cell.typical);
    EXPECT_LE(cell.typical, cell.high);
  }
}

// The counts of each unit are what the step did.
TEST(EnergySum, CountsAreThoseOfTheStep) {
  for (const char* machine : {"edge", "base", "server"}) {
    SCOPED_TRACE(machine);
    const Hardware hw = find_hardware(machine);
    const StepEstimate e = estimate("fashion-cnn", "int8", hw, 4);
    const Counters total = e.stats.total();
    EXPECT_EQ(8 * (count(e.stats, Activity::kDramRead) + count(e.stats, Activity::kDramWrite)),
              total.dram_bytes);
    std::int64_t read = 0;
    for (const Traffic& t : e.stats.traffic) read += t.read;
    EXPECT_EQ(8 * count(e.stats, Activity::kDramRead), read);
    EXPECT_EQ(count(e.stats, Activity::kDramActivate), e.stats.dram.activates);
    EXPECT_EQ(count(e.stats, Activity::kDramRefresh), e.stats.dram.refreshes);
    for (const Activity standing :
         {Activity::kDramStandby, Activity::kLeakArray, Activity::kLeakUnits,
          Activity::kLeakActivation, Activity::kLeakWeight, Activity::kLeakAccumulator}) {
      EXPECT_EQ(count(e.stats, standing), e.stats.cycles);
    }
    const bool two_pass = hw.gradient_datapath == GradientDatapath::kTwoPass;
    const std::int64_t wide = total.macs / 3;  // about: the first layer has no data gradient
    if (two_pass) {
      EXPECT_GT(count(e.stats, Activity::kMac8x8), total.macs + wide / 2);
    } else {
      EXPECT_EQ(count(e.stats, Activity::kMac8x8) + count(e.stats, Activity::kMac8x16), total.macs);
    }
    // The clock of the array runs while the array is at work and no longer.
    const Counters array = e.stats.of_unit(static_cast<int>(Unit::kMacArray));
    const std::int64_t bits = (two_pass ? 72 : 80) * std::int64_t{hw.rows} * hw.cols;
    const std::int64_t busy = array.activity[static_cast<std::size_t>(Activity::kClock)] / bits;
    EXPECT_LE(busy, e.stats.unit_time[static_cast<int>(Unit::kMacArray)].busy);
    EXPECT_GT(busy, 0);
  }
}

TEST(EnergySum, ScratchpadBytesAreAccesses) {
  HardwareText text;
  text.width = 16;
  const StepEstimate e = estimate("tiny-cnn", "int8", text.read(), 4);
  std::int64_t accesses = 0;
  for (const Activity a : {Activity::kSramActivationRead, Activity::kSramActivationWrite,
                           Activity::kSramWeightRead, Activity::kSramWeightWrite,
                           Activity::kSramAccumulatorRead, Activity::kSramAccumulatorWrite}) {
    EXPECT_GT(count(e.stats, a), 0);
    accesses += count(e.stats, a);
  }
  // Two roundings a command at most.
  EXPECT_GE(16 * accesses, e.stats.total().sram_bytes);
  EXPECT_LE(16 * accesses, e.stats.total().sram_bytes + 32 * e.stats.commands);
}

TEST(EnergySum, WhatIsReadWasWritten) {
  // Every byte that leaves the DRAM enters a scratchpad; every byte that enters it leaves one.
  const StepEstimate e = estimate("tiny-cnn", "int8", find_hardware("base"), 4);
  const Counters load = e.stats.of_unit(static_cast<int>(Unit::kDmaLoad));
  const Counters store = e.stats.of_unit(static_cast<int>(Unit::kDmaStore));
  const auto at = [](const Counters& c, Activity a) {
    return c.activity[static_cast<std::size_t>(a)];
  };
  for (const Activity read :
       {Activity::kSramActivationRead, Activity::kSramWeightRead, Activity::kSramAccumulatorRead}) {
    EXPECT_EQ(at(load, read), 0);
  }
  for (const Activity write : {Activity::kSramActivationWrite, Activity::kSramWeightWrite,
                               Activity::kSramAccumulatorWrite}) {
    EXPECT_EQ(at(store, write), 0);
  }
}

TEST(EnergySum, StepCountsAreSharedOutWhole) {
  StepStats stats(3, 2, 4, 1, 0);
  stats.dram.activates = 51;
  stats.dram.refreshes = 15;
  for (int l = 0; l < 3; ++l) {
    for (int p = 0; p < 2; ++p) {
      stats.at(l, p, 1).dram_bytes = 64 * (l + 1);
      stats.at(l, p, 0).cycles = 100 * (p + 1);
    }
  }
  give_out_step_counts(stats, 2, 3);
  EXPECT_EQ(count(stats, Activity::kDramActivate), 51);
  EXPECT_EQ(count(stats, Activity::kDramRefresh), 15);
  EXPECT_EQ(count(stats, Activity::kDramStandby), 900);
  EXPECT_EQ(count(stats, Activity::kLeakArray), 900);
  EXPECT_EQ(stats.of_unit(2).activity[static_cast<std::size_t>(Activity::kDramActivate)], 51);
  EXPECT_EQ(stats.of_unit(3).activity[static_cast<std::size_t>(Activity::kLeakArray)], 900);
  // In proportion: the last layer moved half of the bytes.
  EXPECT_NEAR(static_cast<double>(
                  stats.of_layer(2).activity[static_cast<std::size_t>(Activity::kDramActivate)]),
              25.5, 1.0);
}

}  // namespace
}  // namespace octet::sim
