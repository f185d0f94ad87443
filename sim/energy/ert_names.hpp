#pragma once
#include <string>
#include <vector>

namespace octet::sim {

// What of the machine an entry of an Accelergy ERT is about: docs/energy.md has the words.
// kRegisters and kWires are known and have no price of their own here.
enum class ErtPart {
  kNone,
  kRegisters,
  kWires,
  kMac,
  kActivation,
  kWeight,
  kAccumulator,
  kBuffer,
  kDram
};
// By the words of the last part of the component's name.
[[nodiscard]] ErtPart ert_part_of(const std::string& name);
// Why a component of a known part is left out; empty if it is not.
[[nodiscard]] std::string why_left_out(ErtPart part);
// The parts in words, for an error.
[[nodiscard]] const char* ert_parts();

struct ErtMapping {
  std::vector<std::string> activities;
  bool unused = false;   // an action of Accelergy that this machine never does
  std::string expected;  // where there is neither
};
[[nodiscard]] ErtMapping map_ert_action(ErtPart part, const std::string& action);

}  // namespace octet::sim
