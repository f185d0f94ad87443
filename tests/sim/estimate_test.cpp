#include "sim/estimate.hpp"

#include "common/error.hpp"
#include "sim/config/dram_kinds.hpp"
#include "sim/program/lower.hpp"
#include "sim/program/lower_gemm.hpp"
#include "sim/timing/machine.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

StepEstimate estimate(const char* network, const char* recipe, const Hardware& hw, int batch) {
  return estimate_step(workloads::find_network(network), model::find_recipe(recipe), hw, batch);
}

const std::vector<std::string> kEnergy{"energy_joules", "energy_joules_low", "energy_joules_high"};

void expect_sums(const nlohmann::json& step, const nlohmann::json& rows,
                 const std::vector<std::string>& integers) {
  for (const std::string& key : integers) {
    std::int64_t sum = 0;
    for (const auto& row : rows) sum += row.at(key).get<std::int64_t>();
    EXPECT_EQ(sum, step.at(key).get<std::int64_t>()) << key;
  }
  for (const std::string& key : kEnergy) {
    double joules = 0.0;
    for (const auto& row : rows) joules += row.at(key).get<double>();
    const double total = step.at(key).get<double>();
    EXPECT_NEAR(joules, total, 1e-9 * total) << key;
  }
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

// A byte pass uses a slot: two passes of a product of full folds are as busy as two products.
TEST(Estimate, UtilisationCountsMultiplierSlots) {
  const Hardware edge = find_hardware("edge");  // 16 x 16, two byte passes
  ASSERT_EQ(edge.gradient_datapath, GradientDatapath::kTwoPass);
  const GemmProblem wide{64, 64, 64, GemmProblem::Operands::k8x16};
  const StepEstimate two = estimate_program(lower_gemm(wide, edge), edge);
  EXPECT_EQ(two.stats.total().macs, 64 * 64 * 64);
  EXPECT_DOUBLE_EQ(two.utilisation(),
                   2.0 * 64 * 64 * 64 / (256.0 * static_cast<double>(two.stats.cycles)));
  // By the clock of the array: its busy cycles are the slots used and the skew of its folds.
  const double busy = static_cast<double>(two.stats.unit_time[0].busy);
  EXPECT_GT(two.utilisation() * static_cast<double>(two.stats.cycles), 0.6 * busy);
  Hardware native = edge;
  native.gradient_datapath = GradientDatapath::kNative;
  const StepEstimate one = estimate_program(lower_gemm(wide, native), native);
  EXPECT_DOUBLE_EQ(one.utilisation(),
                   1.0 * 64 * 64 * 64 / (256.0 * static_cast<double>(one.stats.cycles)));
  // A whole step with both kinds of product.
  const StepEstimate step = estimate("fashion-cnn", "int8", edge, 16);
  const Counters total = step.stats.total();
  const auto slots = total.activity[static_cast<std::size_t>(Activity::kMac8x8)];
  EXPECT_GT(slots, total.macs);
  EXPECT_DOUBLE_EQ(step.utilisation(),
                   static_cast<double>(slots) / 256.0 / static_cast<double>(step.stats.cycles));
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

// More channels, a faster memory clock (all times shorter alike), no refresh: none is ever slower
// where a line lies across the channels. Coarser channels, or banks chosen by higher bits, can put
// rows of two tensors into one bank that were in two before: then by a few hundredths at most.
TEST(Estimate, MoreBandwidthIsNeverSlower) {
  std::mt19937 random(11);
  const auto pick = [&](const std::vector<const char*>& from) {
    return from[random() % from.size()];
  };
  for (int trial = 0; trial < 60; ++trial) {
    const char* network = pick({"tiny-cnn", "fashion-cnn"});
    Hardware hw = find_hardware(pick({"edge", "base", "server"}));
    hw.dram = find_dram(pick({"DDR4-2400", "DDR4-3200", "LPDDR4", "HBM2", "GDDR6"}));
    EXPECT_EQ(parse_mapping(pick({"ro-ra-ba-co-bg-ch", "rorabgbachco", "RoBaRaCoCh"}), hw.dram),
              "");
    // Tiles are chosen by an estimate, which can be wrong by a little: a percent at most.
    const double allowed = hw.dram.mapping.text == "ro-ra-ba-co-bg-ch" ? 1.01 : 1.05;
    const auto not_above = [&](std::int64_t cycles, std::int64_t other) {
      return static_cast<double>(cycles) <= allowed * static_cast<double>(other);
    };
    const int batch = 1 << (random() % 4);
    SCOPED_TRACE(std::string(network) + " on " + hw.name + ", " + hw.dram.kind + " " +
                 hw.dram.mapping.text + ", batch " + std::to_string(batch));
    std::int64_t before = INT64_MAX;
    for (const int channels : {1, 2, 4, 8}) {
      hw.dram.channels = channels;
      const std::int64_t cycles = estimate(network, "int8", hw, batch).stats.cycles;
      EXPECT_PRED2(not_above, cycles, before) << channels << " channels";
      before = cycles;
    }
    hw.dram.channels = 1;
    const std::int64_t cycles = estimate(network, "int8", hw, batch).stats.cycles;
    Hardware fast = hw;
    fast.dram.clock_hz *= 2;
    EXPECT_PRED2(not_above, estimate(network, "int8", fast, batch).stats.cycles, cycles);
    Hardware quiet = hw;
    quiet.dram.t.refi = quiet.dram.t.rfc = 0;
    EXPECT_PRED2(not_above, estimate(network, "int8", quiet, batch).stats.cycles, cycles);
  }
}

// The other scheduler serves the same bursts of one program; what is lowered for it may differ.
TEST(Estimate, AReorderingControllerMovesTheSameBytes) {
  Hardware hw = find_hardware("base");
  const Program program =
      lower(workloads::find_network("tiny-cnn"), model::find_recipe("int8"), hw, 8);
  const StepStats in_order = run_machine(program, hw).stats;
  hw.dram.scheduler = DramScheduler::kFrFcfs;
  const StepStats reordered = run_machine(program, hw).stats;
  EXPECT_EQ(in_order.total().dram_bytes, reordered.total().dram_bytes);
  EXPECT_EQ(in_order.dram.reads, reordered.dram.reads);
  EXPECT_EQ(in_order.dram.writes, reordered.dram.writes);
  EXPECT_EQ((in_order.dram.reads + in_order.dram.writes) * hw.dram.burst_bytes,
            in_order.total().dram_bytes);
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

}  // namespace
}  // namespace octet::sim
