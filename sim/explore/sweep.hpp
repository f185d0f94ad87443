#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace octet::sim::explore {

// One design: what `octet estimate` would be asked for.
struct Point {
  std::string network, recipe, hardware;
  int batch = 0;                          // 0: the network's own
  std::vector<std::string> hardware_set;  // FIELD=VALUE over the hardware file
  std::vector<std::string> recipe_set;    // over the recipe
};

// One thing that is varied, with its values as text.
struct Axis {
  std::string key;                  // as the file has it, for the header of a table
  std::vector<std::string> fields;  // network, batch, recipe, hardware, hardware.X or recipe.X
  std::vector<std::string> values;
};

// Every combination of the axes' values: docs/explore.md.
struct Sweep {
  std::string file, name;
  std::vector<Axis> axes;  // network, batch, recipe, hardware, then those of `over` in their order
  [[nodiscard]] std::int64_t points() const;
  // The place on each axis; the last axis turns fastest. `index` from 0 to points() - 1.
  [[nodiscard]] std::vector<std::size_t> places(std::int64_t index) const;
  [[nodiscard]] Point point(const std::vector<std::size_t>& places) const;
};
inline constexpr std::int64_t kMostPoints = 10'000'000;
inline constexpr std::int64_t kMostValues = 100'000;  // of one axis

// Throws octet::Error, one line: an unknown key, a bad range, a field varied twice, too many
// points. The values themselves are not looked at here.
[[nodiscard]] Sweep read_sweep(const std::string& path);

}  // namespace octet::sim::explore
