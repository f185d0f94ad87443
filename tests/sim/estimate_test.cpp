#include "sim/estimate.hpp"

#include "common/error.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

StepEstimate estimate(const char* network, const char* recipe, const Hardware& hw, int batch) {
  return estimate_step(workloads::find_network(network), model::find_recipe(recipe), hw, batch);
}

void expect_sums(const nlohmann::json& step, const nlohmann::json& rows,
                 const std::vector<std::string>& integers) {
  for (const std::string& key : integers) {
    std::int64_t sum = 0;
    for (const auto& row : rows) sum += row.at(key).get<std::int64_t>();
    EXPECT_EQ(sum, step.at(key).get<std::int64_t>()) << key;
  }
  double joules = 0.0;
  for (const auto& row : rows) joules += row.at("energy_joules").get<double>();
  const double total = step.at("energy_joules").get<double>();
  EXPECT_NEAR(joules, total, 1e-9 * total);
}

TEST(Estimate, PartsAddUpToTheStep) {
  for (const char* machine : {"edge", "base", "server"}) {
    for (const char* network : {"tiny-cnn", "fashion-cnn"}) {
      for (const char* recipe : {"int8", "int8-delayed"}) {
        SCOPED_TRACE(std::string(machine) + " " + network + " " + recipe);
        const nlohmann::json step = to_json(estimate(network, recipe, find_hardware(machine), 16));
        const std::vector<std::string> all{"cycles", "dram_bytes", "sram_bytes", "macs"};
        expect_sums(step, step["per_layer"], all);
        expect_sums(step, step["per_unit"], {"cycles", "dram_bytes", "sram_bytes"});
        for (const auto& layer : step["per_layer"]) expect_sums(layer, layer["phases"], all);
        double joules = 0.0;
        for (const auto& row : step["energy"]) {
          joules += row["joules"].get<double>();
          EXPECT_FALSE(row["source"].get<std::string>().empty());
        }
        EXPECT_NEAR(joules, step["energy_joules"].get<double>(), 1e-9 * joules);
        std::int64_t traffic = 0;
        for (const auto& row : step["traffic"]) {
          traffic += row["read_bytes"].get<std::int64_t>() + row["write_bytes"].get<std::int64_t>();
        }
        EXPECT_EQ(traffic, step["dram_bytes"].get<std::int64_t>());
      }
    }
  }
}

TEST(Estimate, NoUnitIsBusierThanTheRun) {
  for (const char* machine : {"edge", "base", "server"}) {
    const StepEstimate e = estimate("fashion-cnn", "int8", find_hardware(machine), 16);
    EXPECT_GT(e.utilisation(), 0.0);
    EXPECT_LE(e.utilisation(), 1.0);
    for (const UnitTime& unit : e.stats.unit_time) {
      EXPECT_LE(unit.busy + unit.stall, e.stats.cycles);
      EXPECT_GE(unit.stall, 0);
    }
  }
}

TEST(Estimate, TheBusCarriesEveryByteOnce) {
  for (const char* machine : {"edge", "server"}) {
    const Hardware hw = find_hardware(machine);
    const StepEstimate e = estimate("tiny-cnn", "int8", hw, 16);
    const std::int64_t clocks =
        e.stats.total().dram_bytes / hw.dram.burst_bytes * hw.dram.burst_clocks;
    const double cycles = static_cast<double>(clocks) / hw.dram.channels *
                          static_cast<double>(hw.clock_hz) / static_cast<double>(hw.dram.clock_hz);
    EXPECT_NEAR(static_cast<double>(e.stats.unit_time[kDramUnit].busy), cycles, 1.0);
  }
}

TEST(Estimate, TheSameTwiceInOneProcess) {
  const Hardware hw = find_hardware("edge");
  EXPECT_EQ(to_json(estimate("tiny-cnn", "int8", hw, 8)),
            to_json(estimate("tiny-cnn", "int8", hw, 8)));
}

TEST(Estimate, MoreBandwidthIsNeverSlower) {
  for (const char* network : {"tiny-cnn", "fashion-cnn"}) {
    std::int64_t before = INT64_MAX;
    for (const int channels : {1, 2, 4, 8}) {
      Hardware hw = find_hardware("base");
      hw.dram.channels = channels;
      const std::int64_t cycles = estimate(network, "int8", hw, 16).stats.cycles;
      EXPECT_LE(cycles, before) << network << " " << channels;
      before = cycles;
    }
  }
}

TEST(Estimate, ABiggerArrayIsNeverSlower) {
  std::int64_t before = INT64_MAX;
  for (const int side : {8, 16, 32}) {
    Hardware hw = find_hardware("base");
    hw.rows = hw.cols = side;
    const std::int64_t cycles = estimate("fashion-cnn", "int8", hw, 16).stats.cycles;
    EXPECT_LE(cycles, before) << side;
    before = cycles;
  }
}

TEST(Estimate, TwoPassGradientsAreNotFaster) {
  Hardware hw = find_hardware("edge");
  const std::int64_t two = estimate("fashion-cnn", "int8", hw, 16).stats.cycles;
  hw.gradient_datapath = GradientDatapath::kNative;
  EXPECT_GT(two, estimate("fashion-cnn", "int8", hw, 16).stats.cycles);
}

TEST(Estimate, DelayedRangesSaveTraffic) {
  const Hardware hw = find_hardware("edge");
  EXPECT_LT(estimate("fashion-cnn", "int8-delayed", hw, 16).stats.total().dram_bytes,
            estimate("fashion-cnn", "int8", hw, 16).stats.total().dram_bytes);
}

TEST(Energy, EveryRowOfTheTableHasASource) {
  for (const EnergyRow& row : find_energy_table("45nm")) {
    EXPECT_GT(row.value_pj, 0.0) << row.component;
    EXPECT_FALSE(row.source.empty()) << row.component;
    EXPECT_FALSE(row.unit.empty()) << row.component;
  }
}

TEST(Energy, BanksChooseTheSramRow) {
  const EnergyPrices edge(find_energy_table("45nm"), find_hardware("edge"));
  EXPECT_EQ(edge.row(Activity::kSramActivation).value_pj, 20.0);  // 32 KiB banks
  EXPECT_EQ(edge.row(Activity::kSramWeight).value_pj, 10.0);      // 8 KiB banks
  const EnergyPrices server(find_energy_table("45nm"), find_hardware("server"));
  EXPECT_EQ(server.row(Activity::kSramActivation).value_pj, 100.0);  // 256 KiB banks
}

TEST(Energy, TableErrors) {
  const std::string path = ::testing::TempDir() + "energy.yaml";
  std::ofstream(path) << "technology: x\ncomponents:\n"
                         "  - {component: dram, value_pj: -1, unit: word, source: none}\n";
  EXPECT_THROW((void)read_energy_table(path), Error);
  std::ofstream(path) << "technology: x\ncomponents:\n"
                         "  - {component: dram, value_pj: 1, unit: word, source: none, x: 1}\n";
  EXPECT_THROW((void)read_energy_table(path), Error);
}

}  // namespace
}  // namespace octet::sim
