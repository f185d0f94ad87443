// Measured switching of operands: how it is counted, read and priced.
#include "sim/energy/switching.hpp"

#include "app/activity.hpp"
#include "common/error.hpp"
#include "sim/estimate.hpp"
#include "sim/program/program.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/common/temp_dir.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

using testing::expect_error_with;
using testing::TempDir;

TEST(BitChanges, CountsBitsByStride) {
  const std::vector<std::uint8_t> codes{0x00, 0xFF, 0x00, 0x0F};
  // 8, 8 and 4 of 8 bits
  EXPECT_DOUBLE_EQ(app::bit_changes(codes, 1, 8), 20.0 / 24.0);
  // 0x00 to 0x00, 0xFF to 0x0F
  EXPECT_DOUBLE_EQ(app::bit_changes(codes, 2, 8), 4.0 / 16.0);
  EXPECT_DOUBLE_EQ(app::bit_changes(codes, 4, 8), 0.0);  // nothing that far before
  const std::vector<std::uint16_t> wide{0x0000, 0xFFFF};
  EXPECT_DOUBLE_EQ(app::bit_changes(wide, 1, 16), 1.0);
  const std::vector<std::uint8_t> random = random_bytes(100000, 256, 5);
  EXPECT_NEAR(app::bit_changes(random, 1, 8), 0.5, 0.005);
}

StepEstimate estimate(const std::string& activity) {
  Hardware hw = find_hardware("base");
  hw.activity_file = activity;
  return estimate_step(workloads::find_network("fashion-cnn"), model::find_recipe("int8"), hw, 4);
}

std::string file_text(const std::string& products) {
  return "network: fashion-cnn\nrecipe: int8\nstep: 3\nproducts:\n" + products;
}

TEST(Switching, RandomBitsChangeNothing) {
  const TempDir folder;
  const StepEstimate plain = estimate("");
  const StepEstimate same = estimate(folder.write(
      "a.yaml", file_text("  - {layer: conv2, phase: forward, row: 0.5, column: 0.5}\n")));
  EXPECT_DOUBLE_EQ(same.joules(), plain.joules());
  EXPECT_DOUBLE_EQ(same.energy().low, plain.energy().low);
}

TEST(Switching, EnergyGoesWithTheChanges) {
  const TempDir folder;
  const StepEstimate plain = estimate("");
  const StepEstimate half = estimate(folder.write(
      "a.yaml", file_text("  - {layer: conv2, phase: forward, row: 0.1, column: 0.4}\n")));
  int layer = 0;
  while (plain.layers[static_cast<std::size_t>(layer)].name != "conv2") ++layer;
  const int forward = static_cast<int>(Phase::kForward);
  const int array = static_cast<int>(Unit::kMacArray);
  const double macs = static_cast<double>(plain.stats.at(layer, forward, array).macs);
  EXPECT_NEAR(plain.joules() - half.joules(), macs * 0.15e-12, 1e-9 * plain.joules());
  // The bar still reaches to the table's own number.
  EXPECT_DOUBLE_EQ(half.energy().high, plain.energy().high);
  EXPECT_LT(half.energy().low, plain.energy().low);
  // Everything else is as it was, and the printed rows still make the sum.
  EXPECT_DOUBLE_EQ(half.joules(layer, static_cast<int>(Phase::kDataGradient), array),
                   plain.joules(layer, static_cast<int>(Phase::kDataGradient), array));
  const nlohmann::json step = to_json(half);
  double sum = 0.0;
  for (const auto& row : step["energy"])
    sum += row["count"].get<double>() * row["picojoules_each"].get<double>() * 1e-12;
  EXPECT_NEAR(sum, half.joules(), 1e-9 * sum);
}

TEST(Switching, Refusals) {
  const TempDir folder;
  const std::string good = "  - {layer: conv2, phase: forward, row: 0.1, column: 0.4}\n";
  const auto refused = [&](const std::string& text, const std::vector<std::string>& words) {
    const std::string file = folder.write("bad.yaml", text);
    std::vector<std::string> all{file, "found ", "expected "};
    all.insert(all.end(), words.begin(), words.end());
    expect_error_with([&] { (void)estimate(file); }, all);
  };
  refused(file_text("  - {layer: conv9, phase: forward, row: 0.1, column: 0.4}\n"), {"conv9"});
  refused(file_text("  - {layer: conv2, phase: forward, row: 1.1, column: 0.4}\n"), {"row", "1.1"});
  refused(file_text("  - {layer: conv2, phase: forward, row: -1, column: 0.4}\n"), {"row", "-1"});
  refused(file_text("  - {layer: conv2, phase: sideways, row: 0, column: 0}\n"), {"sideways"});
  refused(file_text("  - {layer: conv2, phase: forward, row: 0, column: 0, x: 1}\n"), {"x"});
  refused(file_text(good + good), {"a second forward of conv2"});
  refused("network: tiny-cnn\nproducts:\n" + good, {"network", "tiny-cnn", "fashion-cnn"});
  refused("network: fashion-cnn\n", {"products"});
}

}  // namespace
}  // namespace octet::sim
