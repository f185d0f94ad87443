#include "sim/energy/ert_names.hpp"

#include <algorithm>
#include <cctype>

namespace octet::sim {
namespace {

// The words of the last part of a component's name, in lower case, counts such as [0..15] apart:
// System.PE[0..15].PEWeightBuffer[0..3] is pe, weight, buffer.
std::vector<std::string> words_of(const std::string& name) {
  std::string last;
  int depth = 0;
  for (const char c : name) {
    if (c == '[') ++depth;
    if (depth == 0 && c == '.') {
      last.clear();
    } else if (depth == 0) {
      last += c;
    }
    if (c == ']') --depth;
  }
  std::vector<std::string> words(1);
  for (std::size_t i = 0; i < last.size(); ++i) {
    const auto c = static_cast<unsigned char>(last[i]);
    const auto is_upper = [&](std::size_t at) {
      return at < last.size() && std::isupper(static_cast<unsigned char>(last[at])) != 0;
    };
    const bool next_lower =
        i + 1 < last.size() && std::islower(static_cast<unsigned char>(last[i + 1])) != 0;
    if (std::isalnum(c) == 0) {
      words.emplace_back();
      continue;
    }
    if (is_upper(i) && i > 0 && (!is_upper(i - 1) || next_lower)) words.emplace_back();
    words.back() += static_cast<char>(std::tolower(c));
  }
  words.erase(std::remove(words.begin(), words.end(), ""), words.end());
  return words;
}

bool any_of(const std::vector<std::string>& words, const std::vector<std::string>& known) {
  return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
    return std::find(known.begin(), known.end(), word) != known.end();
  });
}

}  // namespace

ErtPart ert_part_of(const std::string& name) {
  const std::vector<std::string> words = words_of(name);
  // A spad is Eyeriss' word for the register files of one cell: ifmap_spad is no activation
  // scratchpad, though its name says ifmap.
  if (any_of(words,
             {"reg", "regs", "register", "registers", "rf", "regfile", "spad", "spads", "sp"}))
    return ErtPart::kRegisters;
  if (any_of(words, {"noc", "network", "dummy"}) ||
      (any_of(words, {"inter"}) && any_of(words, {"pe"})))
    return ErtPart::kWires;
  if (any_of(words, {"dram", "lpddr", "lpddr4", "ddr", "ddr4", "hbm", "hbm2", "gddr", "gddr6",
                     "offchip"}) ||
      (any_of(words, {"main"}) && any_of(words, {"memory"})))
    return ErtPart::kDram;
  if (any_of(words, {"mac", "macs", "lmac", "intmac", "fpmac", "pe", "mult", "multiplier"}) &&
      !any_of(words, {"buffer", "scratchpad", "sram"}))
    return ErtPart::kMac;
  if (any_of(words, {"accumulator", "accumulators", "accu", "acc", "psum", "psums", "output",
                     "outputs", "ofmap"}))
    return ErtPart::kAccumulator;
  if (any_of(words, {"weight", "weights", "filter", "filters"})) return ErtPart::kWeight;
  if (any_of(words, {"activation", "activations", "ifmap", "iact", "input", "inputs"}))
    return ErtPart::kActivation;
  if (any_of(words, {"buffer", "glb", "sram", "scratchpad", "smartbuffer"}))
    return ErtPart::kBuffer;
  return ErtPart::kNone;
}

namespace {

std::vector<std::string> pads_of(ErtPart part) {
  switch (part) {
    case ErtPart::kActivation:
      return {"activation"};
    case ErtPart::kWeight:
      return {"weight"};
    case ErtPart::kAccumulator:
      return {"accumulator"};
    case ErtPart::kBuffer:
      return {"activation", "weight", "accumulator"};
    case ErtPart::kNone:
    case ErtPart::kRegisters:
    case ErtPart::kWires:
    case ErtPart::kMac:
    case ErtPart::kDram:
      break;
  }
  return {};
}

}  // namespace

std::string why_left_out(ErtPart part) {
  if (part == ErtPart::kRegisters) return "registers of a cell, no scratchpad: clock has them";
  if (part == ErtPart::kWires) return "wires between units: not counted";
  return "";
}

ErtMapping map_ert_action(ErtPart part, const std::string& action) {
  if (!why_left_out(part).empty()) return {{}, true, ""};
  const bool idle = action == "idle" || action == "leak";
  const auto one_of = [&](const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), action) != names.end();
  };
  if (part == ErtPart::kMac) {
    if (idle) return {{"leakage_array"}, false, ""};
    if (one_of({"mac_gated", "mac_reused", "gated_mac", "compute_gated"})) return {{}, true, ""};
    if (one_of({"mac_8x8", "mac_8x16", "mac_fp32", "mac_fp16", "mac_bf16"}))
      return {{action}, false, ""};
    if (one_of({"compute", "mac", "mac_random", "mult", "multiply", "access"}))
      return {{"mac_8x8"}, false, ""};
    return {
        {}, false, "compute, mac_random, mac_8x8, mac_8x16, mac_fp32, mac_fp16, mac_bf16 or idle"};
  }
  if (part == ErtPart::kDram) {
    if (idle) return {{"dram_standby"}, false, ""};
    if (action == "read") return {{"dram_read"}, false, ""};
    if (action == "write" || action == "update") return {{"dram_write"}, false, ""};
    if (action == "activate" || action == "refresh") return {{"dram_" + action}, false, ""};
    return {{}, false, "read, write, update, activate, refresh or idle"};
  }
  ErtMapping mapping;
  for (const std::string& pad : pads_of(part)) {
    if (idle) mapping.activities.push_back("leakage_" + pad);
    if (action == "read") mapping.activities.push_back("sram_" + pad + "_read");
    if (action == "write" || action == "update")
      mapping.activities.push_back("sram_" + pad + "_write");
  }
  if (mapping.activities.empty()) mapping.expected = "read, write, update or idle";
  return mapping;
}

const char* ert_parts() {
  return "a part of the machine: mac, activation, weight, accumulator, buffer (all three) or dram";
}

}  // namespace octet::sim
