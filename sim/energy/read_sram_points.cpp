// Tables of SRAM macros: comma-separated, comments with #, one line of column names.
#include <algorithm>
#include <charconv>
#include <sstream>

#include "common/error.hpp"
#include "common/file.hpp"
#include "sim/energy/table.hpp"

namespace octet::sim {
namespace {

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream in(line);
  for (std::string cell; std::getline(in, cell, ',');) {
    while (!cell.empty() && (cell.back() == '\r' || cell.back() == ' ')) cell.pop_back();
    cells.push_back(cell);
  }
  return cells;
}

// One row by column name; errors name file, line and column.
struct Row {
  const std::string& where;
  const std::vector<std::string>& columns;
  const std::vector<std::string>& cells;
  [[nodiscard]] bool has(const std::string& column) const {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
  }
  [[nodiscard]] double number(const std::string& column, double least) const {
    const auto at = std::find(columns.begin(), columns.end(), column);
    if (at == columns.end()) throw input_error(where, column, "no such column", "one");
    const std::string& cell = cells[static_cast<std::size_t>(at - columns.begin())];
    double value = 0.0;
    const auto [end, failed] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (failed != std::errc() || end != cell.data() + cell.size() || !(value >= least))
      throw input_error(where, column, "'" + cell + "'",
                        least > 0.0 ? "a positive number" : "a number, not negative");
    return value;
  }
};

// A grid: every capacity with every width, once.
void check_grid(const std::string& path, const std::vector<SramPoint>& points) {
  for (const SramPoint& a : points) {
    for (const SramPoint& b : points) {
      const auto n = std::count_if(points.begin(), points.end(), [&](const SramPoint& p) {
        return p.bytes == a.bytes && p.bits == b.bits;
      });
      if (n == 1) continue;
      throw input_error(path, "size_B",
                        std::to_string(n) + " rows of " +
                            std::to_string(static_cast<long>(a.bytes)) + " bytes and " +
                            std::to_string(static_cast<long>(b.bits)) + " bits",
                        "one");
    }
  }
}

}  // namespace

std::vector<SramPoint> read_sram_points(const std::string& path, long node_nm) {
  std::istringstream lines(read_text_file(path));
  std::vector<std::string> columns;
  std::vector<SramPoint> points;
  std::string line;
  for (int number = 1; std::getline(lines, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    const std::vector<std::string> cells = cells_of(line);
    if (columns.empty()) {
      columns = cells;
      continue;
    }
    const std::string where = path + ":" + std::to_string(number);
    if (cells.size() != columns.size())
      throw input_error(where, "", std::to_string(cells.size()) + " cells",
                        std::to_string(columns.size()));
    const Row row{where, columns, cells};
    if (row.number("tech_nm", 1e-9) != static_cast<double>(node_nm)) continue;
    points.push_back({row.number("size_B", 1e-9), row.number("word_bits", 1e-9),
                      row.number("read_pJ", 0.0), row.number("write_pJ", 0.0),
                      row.number("leak_mW", 0.0), row.number("area_mm2", 0.0),
                      row.has("cycle_ns") ? row.number("cycle_ns", 1e-9) : 0.0});
  }
  check_grid(path, points);
  return points;
}

}  // namespace octet::sim
