#pragma once
#include <string>
#include <vector>

#include "common/yaml_reader.hpp"
#include "sim/config/dram.hpp"

namespace octet::sim {

// The memories that come with Octet, by name: sim/dram/kinds/*.yaml.
[[nodiscard]] std::vector<std::string> dram_kinds();
// One channel of a kind, by name or by the path of a file. Throws octet::Error that lists the
// known ones.
[[nodiscard]] Dram find_dram(const std::string& name);
// A kind's fields, as its file or `own_kind` in a machine's file has them. Reads the whole map.
[[nodiscard]] Dram read_dram_kind(YamlMap map);
// A machine's `dram` section: a kind, how many channels, and the controller's choices.
[[nodiscard]] Dram read_dram(YamlMap map);
// "ro-ra-ba-co-bg-ch", "rochrababgco", "RoBaRaCoCh", "ro-co-ba-bg-ra-ch-co2": fields from the
// highest to the lowest; `co2` is two bits of the column, `co` what is left of it, `ba` without a
// `bg` bank and bank group, `^` at the end exclusive-ors banks with columns. Sets the mapping of
// `dram`, whose row and burst are known; empty text on success, else what was expected.
[[nodiscard]] std::string parse_mapping(const std::string& text, Dram& dram);
// Clocks that cover `ns`, a hundredth of a clock forgiven (14.16 ns is 17 clocks of 0.8333 ns).
[[nodiscard]] int clocks_of(double ns, std::int64_t clock_hz);

}  // namespace octet::sim
