#pragma once
#include <array>
#include <string>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/energy/table.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// What one action costs on one machine.
struct EnergyRow {
  std::string component;  // the activity's name
  Spread pj;
  std::string unit;    // what is counted
  std::string source;  // where the number comes from
};

// The table of a machine: its own file if it names one, else its technology's. Throws octet::Error.
[[nodiscard]] EnergyTable energy_table_of(const Hardware& hardware);

// The price of each activity on one machine with one datapath: its banks, its kind of DRAM, its
// area and its clock decide. Throws octet::Error where the table lacks a number.
class EnergyPrices {
 public:
  EnergyPrices(const EnergyTable& table, const Hardware& hardware,
               Datapath datapath = Datapath::kInt8);
  [[nodiscard]] const EnergyRow& row(Activity activity) const {
    return rows_[static_cast<std::size_t>(activity)];
  }
  // The sum of counts x prices, each of the three figures on its own.
  [[nodiscard]] Spread joules(const Counters& counters) const;

 private:
  std::array<EnergyRow, kActivities> rows_;
};

}  // namespace octet::sim
