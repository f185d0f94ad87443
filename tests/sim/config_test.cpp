#include "common/error.hpp"
#include "sim/program/lower.hpp"
#include "tests/sim/step_fixture.hpp"

namespace octet::sim {
namespace {

std::string error_of(const HardwareText& text) {
  try {
    (void)text.read();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void expect_words(const std::string& message, const std::vector<std::string>& words) {
  EXPECT_EQ(message.find('\n'), std::string::npos) << message;
  for (const std::string& word : words) {
    EXPECT_NE(message.find(word), std::string::npos) << message << " lacks " << word;
  }
}

TEST(Hardware, ShippedMachinesAreRead) {
  std::vector<std::string> names;
  for (const HardwareEntry& entry : list_hardware()) {
    names.push_back(entry.name);
    EXPECT_EQ(find_hardware(entry.name).name, entry.name);
    EXPECT_FALSE(entry.description.empty());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"base", "cambricon-q", "edge", "rapid", "redmule",
                                             "server", "tpuv3"}));
  EXPECT_EQ(find_hardware("edge").rows, 16);
  EXPECT_EQ(find_hardware("base").rows, 32);
  EXPECT_EQ(find_hardware("server").rows, 128);
  EXPECT_NEAR(find_hardware("edge").dram_bytes_per_cycle(), 38.4, 1e-9);
  EXPECT_EQ(find_hardware("edge").dataflow, std::nullopt);
  EXPECT_FALSE(find_hardware("edge").fold_overlap);
}

// What is published: 2 operations a multiply-accumulate.
TEST(Hardware, PublishedChipsReachTheirPeak) {
  struct Chip {
    const char* name;
    double peak, bandwidth;  // operations and bytes a second; 0: none published
  };
  for (const Chip& chip : {Chip{"tpuv3", 123e12 / 2, 900e9 / 2}, Chip{"rapid", 26.2e12, 0.0},
                           Chip{"redmule", 117e9, 0.0}, Chip{"cambricon-q", 2e12, 17.06e9}}) {
    const Hardware hw = find_hardware(chip.name);
    const double peak = 2.0 * static_cast<double>(hw.cells()) * static_cast<double>(hw.clock_hz);
    EXPECT_NEAR(peak, chip.peak, 0.03 * chip.peak) << chip.name;
    if (chip.bandwidth > 0.0) {
      EXPECT_NEAR(hw.dram.peak_bytes_per_second(), chip.bandwidth, 0.13 * chip.bandwidth)
          << chip.name;
    }
  }
}

TEST(Hardware, UnknownNameListsTheKnown) {
  try {
    (void)find_hardware("edgy");
    FAIL();
  } catch (const Error& error) {
    expect_words(error.what(), {"edgy", "edge", "base", "server"});
    EXPECT_EQ(error.exit_status(), 2);
  }
}

TEST(Hardware, SettingsWinOverTheFile) {
  const Hardware hw = find_hardware("base", {"array.rows=7", "dram.channels=2"});
  EXPECT_EQ(hw.rows, 7);
  EXPECT_EQ(hw.cols, 32);
  EXPECT_EQ(hw.dram.channels, 2);
  EXPECT_EQ(hw.name, "base+array.rows=7+dram.channels=2");
  for (const char* bad :
       {"array.rows", "=3", "array.rows=0", "array.height=3", "dram=HBM2", "name=x"})
    EXPECT_THROW((void)find_hardware("base", {bad}), Error) << bad;
}

TEST(Hardware, ZeroBanks) {
  HardwareText text;
  text.banks = 0;
  expect_words(error_of(text), {".yaml:5", "activation.banks", "0", "from 1"});
}

TEST(Hardware, NegativeSize) {
  HardwareText text;
  text.weight = -8;
  expect_words(error_of(text), {".yaml:6", "weight.bytes", "-8"});
}

TEST(Hardware, UnknownDram) {
  HardwareText text;
  text.kind = "DDR9";
  expect_words(error_of(text), {"dram.kind", "DDR9", "DDR4-2400", "HBM2"});
}

TEST(Hardware, UnknownKey) {
  HardwareText text;
  text.extra = "caches: 3\n";
  expect_words(error_of(text), {"caches"});
}

TEST(Hardware, PortNarrowerThanTheArray) {
  HardwareText text;
  text.width = 1;
  expect_words(error_of(text), {"width_bytes", "4 bytes a cycle", "at least 8"});
}

// Two arrays need twice the port; settings, for the text has one.
TEST(Hardware, EachArrayIsFed) {
  EXPECT_EQ(find_hardware("tpuv3").cells(), 2 * 128 * 128);
  EXPECT_EQ(find_hardware("edge").arrays, 1);
  try {
    (void)find_hardware("edge", {"array.arrays=100"});
    FAIL();
  } catch (const Error& error) {
    expect_words(error.what(), {"width_bytes", "at least 1600", "each row of each array"});
  }
  EXPECT_THROW((void)find_hardware("edge", {"array.arrays=0"}), Error);
}

TEST(Hardware, RunsInFlight) {
  EXPECT_EQ(find_hardware("edge").dma_in_flight, 16);
  EXPECT_EQ(find_hardware("edge", {"dma.in_flight=3"}).dma_in_flight, 3);
  EXPECT_THROW((void)find_hardware("edge", {"dma.in_flight=0"}), Error);
  EXPECT_THROW((void)find_hardware("edge", {"dma.depth=1"}), Error);
}

// What float tensors are in memory: the cells' own kind, or f32 that they round.
TEST(Hardware, Float32ValuesNeedFloatingCells) {
  EXPECT_THROW((void)find_hardware("edge", {"array.values=float32"}), Error);
  const Hardware hw = find_hardware("edge", {"array.datapath=bfloat16", "array.values=float32"});
  EXPECT_EQ(stored_bytes(hw, true), 4);
  EXPECT_EQ(stored_bytes(find_hardware("edge", {"array.datapath=bfloat16"}), true), 2);
  EXPECT_EQ(stored_bytes(find_hardware("edge"), false), 1);
}

TEST(Hardware, BytesNotSharedByBanks) {
  HardwareText text;
  text.accumulator = 1001;
  expect_words(error_of(text), {"accumulator.bytes", "1001", "multiple"});
}

TEST(Hardware, ScratchpadSmallerThanATile) {
  const auto refusal = [](const HardwareText& text) -> std::string {
    try {
      (void)lower(workloads::find_network("tiny-cnn"), model::find_recipe("int8"), text.read(), 4);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  HardwareText text;
  text.activation = 64;
  EXPECT_EQ(refusal(text), "");
  // A shortcut moves whole pixels: here 8 gradients of 4 bytes.
  text.activation = 56;
  expect_words(refusal(text), {text.write(), "scratchpads.activation.bytes", "56", "at least 64",
                               "8 more", "short2"});
  text = {};
  text.accumulator = 64;
  expect_words(refusal(text), {"scratchpads.accumulator.bytes", "64", "more", "loss"});
  text = {};
  text.weight = 16;
  expect_words(refusal(text), {"scratchpads.weight.bytes", "16", "gamma and beta", "norm1"});
}

}  // namespace
}  // namespace octet::sim
