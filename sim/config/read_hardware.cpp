#include <algorithm>
#include <filesystem>

#include "common/yaml_reader.hpp"
#include "sim/config/dram_kinds.hpp"
#include "sim/config/hardware.hpp"
#include "sim/config/hardware_map.hpp"

#ifndef OCTET_HARDWARE_DIR
#error "OCTET_HARDWARE_DIR names the folder of the machines that come with Octet"
#endif

namespace octet::sim {
namespace {

constexpr long kMaxPadBytes = 1L << 30;

Scratchpad read_pad(YamlMap map, long edge_bytes, const std::string& edge) {
  Scratchpad pad;
  pad.bytes = map.integer("bytes", 2, kMaxPadBytes);
  pad.banks = static_cast<int>(map.integer("banks", 1, 4096));
  pad.width_bytes = static_cast<int>(map.integer("width_bytes", 1, 4096));
  if (pad.bytes_per_cycle() < edge_bytes) {
    throw map.error("width_bytes",
                    std::to_string(pad.banks) + " banks x " + std::to_string(pad.width_bytes) +
                        " = " + std::to_string(pad.bytes_per_cycle()) + " bytes a cycle",
                    "at least " + std::to_string(edge_bytes) + ", " + edge);
  }
  if (pad.bytes % (2L * pad.banks) != 0) {
    throw map.error("bytes", std::to_string(pad.bytes),
                    "a multiple of 2 x banks (" + std::to_string(2L * pad.banks) +
                        "): each bank holds one part of each half");
  }
  map.finish();
  return pad;
}

std::optional<Dataflow> read_dataflow(YamlMap& array) {
  const std::string name = array.choice("dataflow", {"auto", "os", "ws", "is"}, "auto");
  for (const Dataflow flow : {Dataflow::kOutput, Dataflow::kWeight, Dataflow::kInput}) {
    if (name == dataflow_name(flow)) return flow;
  }
  return std::nullopt;
}

}  // namespace

const char* dataflow_name(Dataflow dataflow) {
  switch (dataflow) {
    case Dataflow::kOutput:
      return "os";
    case Dataflow::kWeight:
      return "ws";
    case Dataflow::kInput:
      return "is";
  }
  return "";
}

Hardware read_hardware_map(YamlMap top, const std::string& path) {
  Hardware hw;
  hw.file = path;
  hw.name = top.name("name");
  hw.description = top.text("description", "");
  hw.clock_hz = top.integer("clock_hz", 1000000, 10000000000);
  if (hw.clock_hz % 1000 != 0) {
    throw top.error("clock_hz", std::to_string(hw.clock_hz), "a whole number of kilohertz");
  }
  YamlMap array = top.map("array");
  hw.rows = static_cast<int>(array.integer("rows", 1, 4096));
  hw.cols = static_cast<int>(array.integer("cols", 1, 4096));
  hw.arrays = static_cast<int>(array.integer("arrays", 1, 1024, 1));
  hw.dataflow = read_dataflow(array);
  hw.fold_overlap = array.boolean("fold_overlap", false);
  hw.gradient_datapath =
      array.choice("gradient_datapath", {"native", "two_pass"}, "native") == "native"
          ? GradientDatapath::kNative
          : GradientDatapath::kTwoPass;
  const std::string datapath =
      array.choice("datapath", {"int8", "float32", "float16", "bfloat16"}, "int8");
  for (const Datapath d : {Datapath::kFloat32, Datapath::kFloat16, Datapath::kBfloat16}) {
    if (datapath == datapath_name(d)) hw.datapath = d;
  }
  hw.float32_values = array.choice("values", {"datapath", "float32"}, "datapath") == "float32";
  if (hw.float32_values && hw.datapath == Datapath::kInt8) {
    throw array.error("values", "float32 beside datapath int8", "a floating datapath");
  }
  array.finish();
  const int wide = hw.gradient_datapath == GradientDatapath::kNative ? 2 : 1;
  YamlMap pads = top.map("scratchpads");
  // Input stationary: activations enter by columns, weights pass along the rows.
  const bool input = hw.dataflow == Dataflow::kInput;
  const char* edge = input ? "row" : "column";
  const long arrays = hw.arrays;
  const std::string of = arrays == 1 ? " of the array" : " of each array";
  hw.activation =
      read_pad(pads.map("activation"), arrays * (input ? std::max(hw.rows, hw.cols) : hw.rows),
               std::string("one byte for each row") + (input ? " or column" : "") + of);
  hw.weight = read_pad(pads.map("weight"), arrays * (input ? hw.rows : hw.cols) * wide,
                       std::to_string(wide) + " byte(s) for each " + edge + of);
  hw.accumulator =
      read_pad(pads.map("accumulator"), 4 * arrays * hw.cols, "4 bytes for each column" + of);
  pads.finish();
  hw.dram = read_dram(top.map("dram"));
  if (top.has("dma")) {
    YamlMap dma = top.map("dma");
    hw.dma_in_flight = static_cast<int>(dma.integer("in_flight", 1, 65536));
    dma.finish();
  }
  YamlMap vector = top.map("vector");
  hw.vector_lanes = static_cast<int>(vector.integer("lanes", 1, 4096));
  hw.vector_depth = static_cast<int>(vector.integer("depth", 1, 1000, 8));
  vector.finish();
  YamlMap norm = top.map("range_bn");
  hw.range_bn.lanes = static_cast<int>(norm.integer("lanes", 1, 4096));
  hw.range_bn.divider_cycles = static_cast<int>(norm.integer("divider_cycles", 1, 1000));
  norm.finish();
  YamlMap update = top.map("update");
  hw.update_lanes = static_cast<int>(update.integer("lanes", 1, 4096));
  update.finish();
  hw.technology = top.choice("technology", {"45nm", "7nm"});
  top.finish();
  return hw;
}

Hardware find_hardware(const std::string& name, const std::vector<std::string>& settings) {
  namespace fs = std::filesystem;
  if (name.find('/') != std::string::npos || name.ends_with(".yaml")) {
    return read_hardware(name, settings);
  }
  const fs::path shipped = fs::path(OCTET_HARDWARE_DIR) / (name + ".yaml");
  if (fs::exists(shipped)) return read_hardware(shipped.string(), settings);
  std::string known;
  for (const HardwareEntry& entry : list_hardware()) {
    known += (known.empty() ? "" : ", ") + entry.name;
  }
  throw usage_error("hardware", "'" + name + "'", "a file or one of " + known);
}

std::vector<HardwareEntry> list_hardware() {
  namespace fs = std::filesystem;
  std::vector<HardwareEntry> entries;
  for (const auto& file : fs::directory_iterator(OCTET_HARDWARE_DIR)) {
    if (file.path().extension() != ".yaml") continue;
    const Hardware hw = read_hardware(file.path().string());
    entries.push_back({file.path().stem().string(), file.path().string(), hw.description});
  }
  std::sort(entries.begin(), entries.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return entries;
}

}  // namespace octet::sim
