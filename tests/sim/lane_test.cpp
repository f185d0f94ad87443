// What a lane of an element unit holds: enough for every command at one element a cycle.
#include "sim/timing/lane.hpp"

#include "sim/energy/area.hpp"
#include "sim/program/lower.hpp"
#include "sim/timing/costs.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

// By hand, from the arithmetic of docs/numerics.md.
TEST(Lane, HoldsTheDearestOperations) {
  // SGD with momentum and decay on f32: four multiplies, three adds.
  for (const bool floating : {false, true}) {
    const LaneParts update = lane_parts(Unit::kUpdate, floating);
    EXPECT_DOUBLE_EQ(update.fp_multipliers, 4.0);
    EXPECT_DOUBLE_EQ(update.fp_adders, 3.0);
    EXPECT_DOUBLE_EQ(update.multipliers + update.adders, 0.0);
  }
  // Two wide values to one scale: four multiplies. Stochastic rounding: 3 adds and a quarter of a
  // Threefry of 26. Master weights to codes: an f32 multiply and add.
  const LaneParts vector = lane_parts(Unit::kVector, false);
  EXPECT_DOUBLE_EQ(vector.multipliers, 4.0);
  EXPECT_DOUBLE_EQ(vector.adders, 9.5);
  EXPECT_DOUBLE_EQ(vector.fp_multipliers, 1.0);
  EXPECT_DOUBLE_EQ(vector.fp_adders, 1.0);
  // Both copies of a gradient at once: two multiplies.
  const LaneParts norm = lane_parts(Unit::kRangeBn, false);
  EXPECT_DOUBLE_EQ(norm.multipliers, 2.0);
  EXPECT_DOUBLE_EQ(norm.adders, 9.5);
  EXPECT_DOUBLE_EQ(norm.fp_multipliers, 0.0);
  // Floats have no scales, no codes and no random bits.
  const LaneParts floats = lane_parts(Unit::kVector, true);
  EXPECT_DOUBLE_EQ(floats.fp_multipliers, 1.0);
  EXPECT_DOUBLE_EQ(floats.fp_adders, 2.0);
  EXPECT_DOUBLE_EQ(floats.multipliers + floats.adders, 0.0);
}

// No command of a step asks more of its lanes than they hold in the cycles that it takes.
TEST(Lane, EveryCommandOfAStepFits) {
  for (const char* network : {"fashion-cnn", "resnet-20", "tiny-cnn"}) {
    for (const char* recipe : {"int8", "int8-delayed", "float32"}) {
      const Hardware hw = find_hardware("base");
      const Program program =
          lower(workloads::find_network(network), model::find_recipe(recipe), hw, 4);
      for (const Command& command : program.commands) {
        const Work work = work_of(command, program);
        if (work.lane_steps == 0) continue;
        const LaneParts lane = lane_parts(unit_of(command.op), program.float32);
        const auto fits = [&](std::int64_t operations, double parts) {
          return static_cast<double>(operations) <= parts * static_cast<double>(work.lane_steps);
        };
        ASSERT_TRUE(fits(work.multiplies, lane.multipliers)) << opcode_name(command.op);
        ASSERT_TRUE(fits(work.adds, lane.adders)) << opcode_name(command.op);
        ASSERT_TRUE(fits(work.fp_multiplies, lane.fp_multipliers)) << opcode_name(command.op);
        ASSERT_TRUE(fits(work.fp_adds, lane.fp_adders)) << opcode_name(command.op);
      }
    }
  }
}

TEST(Lane, AreaIsThatOfItsParts) {
  const EnergyTable table = find_energy_table("45nm");
  const Hardware hw = find_hardware("base");
  // 4 x 7700 + 3 x 4184 + 256 x 5.98
  EXPECT_NEAR(lane_area(table, hw, Unit::kUpdate, Datapath::kInt8).typical, 44882.88, 1e-6);
  const auto parts = area_of(table, hw, Datapath::kInt8);
  ASSERT_EQ(parts[3].part, "update");
  EXPECT_NEAR(parts[3].mm2.typical, hw.update_lanes * 44882.88 * 1.3e-6, 1e-9);
  EXPECT_NE(parts[3].what.find("4 fp32_multiply + 3 fp32_add + 256 register_bit"),
            std::string::npos);
}

}  // namespace
}  // namespace octet::sim
