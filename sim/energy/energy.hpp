#pragma once
#include <array>
#include <string>
#include <vector>

#include "sim/config/hardware.hpp"
#include "sim/stats/stats.hpp"

namespace octet::sim {

// A row of a technology table: docs/energy.md.
struct EnergyRow {
  std::string component;
  double value_pj = 0.0;
  std::string unit;
  std::string source;
};
using EnergyTable = std::vector<EnergyRow>;

[[nodiscard]] EnergyTable read_energy_table(const std::string& path);
[[nodiscard]] EnergyTable find_energy_table(const std::string& technology);

// The price of each activity on one machine: its scratchpads choose rows by the size of a bank.
class EnergyPrices {
 public:
  EnergyPrices(const EnergyTable& table, const Hardware& hardware);
  [[nodiscard]] const EnergyRow& row(Activity activity) const {
    return rows_[static_cast<std::size_t>(activity)];
  }
  [[nodiscard]] double joules(const Counters& counters) const;

 private:
  std::array<EnergyRow, kActivities> rows_;
};

}  // namespace octet::sim
