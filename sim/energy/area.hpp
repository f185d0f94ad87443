#pragma once
#include <string>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/energy/table.hpp"
#include "sim/program/program.hpp"

namespace octet::sim {

// Silicon of one part of the machine.
struct AreaPart {
  std::string part;
  Spread mm2;
  std::string what;  // how it follows from the table
};

// The machine with this datapath, part by part: array, element units, scratchpads. Control, DMA and
// what drives the DRAM's pins are not counted. Throws octet::Error where the table lacks a number.
[[nodiscard]] std::vector<AreaPart> area_of(const EnergyTable& table, const Hardware& hardware,
                                            Datapath datapath);
[[nodiscard]] Spread total_area(const std::vector<AreaPart>& parts);
// One cell of the array, um2 of cells, before placement.
[[nodiscard]] Spread cell_area(const EnergyTable& table, const Hardware& hardware,
                               Datapath datapath);

// One lane of the vector, Range-BN or update unit, the same.
[[nodiscard]] Spread lane_area(const EnergyTable& table, const Hardware& hardware, Unit unit,
                               Datapath datapath);

// Entry of a table's map; throws where it is missing, naming the table's file.
[[nodiscard]] const TableEntry& entry_of(const EnergyTable& table, const std::string& section,
                                         const std::map<std::string, TableEntry>& entries,
                                         const std::string& key);
[[nodiscard]] const SramTable& sram_of(const EnergyTable& table);

}  // namespace octet::sim
