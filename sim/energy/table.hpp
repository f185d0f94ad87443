#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/energy/spread.hpp"

namespace octet::sim {

// A number of a technology table and where it comes from.
struct TableEntry {
  Spread value;
  std::string source;
};

// One SRAM macro of the points that are interpolated.
struct SramPoint {
  double bytes = 0.0, bits = 0.0;  // capacity, width of an access
  double read_pj = 0.0, write_pj = 0.0, leakage_mw = 0.0, area_mm2 = 0.0;
  double cycle_ns = 0.0;  // from one access to the next; 0: not known
};
struct SramTable {
  std::vector<SramPoint> points;     // a grid of capacities x widths, ascending
  TableEntry energy, leakage, area;  // factors on the points
  TableEntry cycle{{1.0, 1.0, 1.0}, "the points"};
  struct Second {  // the same in another table, 64-bit accesses
    double bytes = 0.0, pj = 0.0;
    std::string source;
  };
  std::vector<Second> second;  // by capacity
};

// One channel of a kind of DRAM.
struct DramEntry {
  double row_bytes = 0.0;
  TableEntry activate_pj, read_pj_per_bit, write_pj_per_bit, refresh_pj, standby_mw;
};

// A technology table: docs/energy.md. Keys of `energy` are activity names (sim/stats), of which
// those that follow from `sram`, `dram` and `leakage` need not be there.
struct EnergyTable {
  std::string name, file;
  std::map<std::string, TableEntry> energy;  // pJ of one action
  std::map<std::string, TableEntry> area;    // um2 of one; placement: a factor
  std::optional<TableEntry> logic_leakage;   // mW of a mm2
  std::optional<TableEntry> cell_leakage;    // pJ of a cell of the array and cycle, in its stead
  std::optional<SramTable> sram;
  std::map<std::string, DramEntry> dram;
  std::vector<std::string> notes;  // sentences for the user: what of it comes from where
};

// A table in Octet's format, or an Accelergy ERT; what an ERT does not say stands in the table of
// `technology`, as does what a table with `base` leaves out. Throws octet::Error: file, field,
// found, expected.
[[nodiscard]] EnergyTable read_energy_table(const std::string& path,
                                            const std::string& technology = "");
// A table that comes with Octet.
[[nodiscard]] EnergyTable find_energy_table(const std::string& technology);
[[nodiscard]] const std::vector<std::string>& technologies();

// Points of one node out of a CSV file with the columns of sram_cacti7.csv.
[[nodiscard]] std::vector<SramPoint> read_sram_points(const std::string& path, long node_nm);

}  // namespace octet::sim
