#pragma once
#include <map>
#include <string>
#include <vector>

#include "sim/explore/outcome.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace octet::sim::explore {

// Outcomes in an SQLite file, a row a point, each written whole before the next: what is there
// after the process was killed is right. One process at a time.
class Store {
 public:
  // Opens or makes `path`. Throws octet::Error: not such a file, in use, a full disk.
  explicit Store(const std::string& path);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  // `key` says all that the outcome depends on. `text` holds what is shown of the point, by column.
  struct Row {
    std::string key;
    std::string network, recipe, hardware, settings;
  };
  void put(const Row& row, const Outcome& outcome);
  [[nodiscard]] std::map<std::string, Outcome> all() const;  // by key
  void clear();

 private:
  void execute(const std::string& sql);
  [[nodiscard]] bool has(const std::string& column);  // the table
  [[noreturn]] void fail(const std::string& doing) const;
  std::string path_;
  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

}  // namespace octet::sim::explore
