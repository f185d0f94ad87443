#pragma once
#include <string>

#include "common/yaml_reader.hpp"
#include "sim/energy/table.hpp"

namespace octet::sim {

// Whether a file is an energy reference table as Accelergy writes it (a top key ERT).
[[nodiscard]] bool is_ert(const YamlMap& top);

// Puts the entries of an ERT (versions 0.2 to 0.4) in the place of those of `table`, with what
// follows from them, and notes in the table what comes from where. An entry of a part or an action
// that nobody knows is an error that names it: docs/energy.md.
void apply_ert(const std::string& path, EnergyTable& table);

}  // namespace octet::sim
