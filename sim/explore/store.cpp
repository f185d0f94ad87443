#include "sim/explore/store.hpp"

#include <sqlite3.h>

#include "common/error.hpp"

namespace octet::sim::explore {
namespace {

constexpr const char* kTable =
    "CREATE TABLE IF NOT EXISTS points (key TEXT PRIMARY KEY, network TEXT NOT NULL,"
    " recipe TEXT NOT NULL, hardware TEXT NOT NULL, settings TEXT NOT NULL, batch INTEGER NOT NULL,"
    " ok INTEGER NOT NULL, error TEXT NOT NULL, cycles INTEGER, seconds REAL, energy_joules REAL,"
    " area_mm2 REAL, dram_bytes INTEGER, sram_bytes INTEGER, macs INTEGER, utilisation REAL,"
    " memory_needed_bytes INTEGER, memory_capacity_bytes INTEGER,"
    " energy_joules_low REAL, energy_joules_high REAL)";
// Of a file of before they were there: its rows stay, and no point asks for them again.
struct Column {
  const char *name, *type;
};
constexpr Column kLaterColumns[] = {{"memory_needed_bytes", "INTEGER"},
                                    {"memory_capacity_bytes", "INTEGER"},
                                    {"energy_joules_low", "REAL"},
                                    {"energy_joules_high", "REAL"}};
constexpr const char* kInsert =
    "INSERT OR REPLACE INTO points (key, network, recipe, hardware, settings, batch, ok, error,"
    " cycles, seconds, energy_joules, area_mm2, dram_bytes, sram_bytes, macs, utilisation,"
    " memory_needed_bytes, memory_capacity_bytes, energy_joules_low, energy_joules_high)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
constexpr const char* kSelect =
    "SELECT key, batch, ok, error, cycles, seconds, energy_joules, area_mm2, dram_bytes, "
    "sram_bytes,"
    " macs, utilisation, memory_needed_bytes, memory_capacity_bytes, energy_joules_low,"
    " energy_joules_high FROM points";

std::string text_of(sqlite3_stmt* row, int column) {
  const unsigned char* text = sqlite3_column_text(row, column);
  return text == nullptr ? "" : reinterpret_cast<const char*>(text);
}

}  // namespace

void Store::fail(const std::string& doing) const {
  throw input_error(path_, doing, database_ == nullptr ? "no memory" : sqlite3_errmsg(database_),
                    "an SQLite file of this sweep that no other process uses");
}

void Store::execute(const std::string& sql) {
  if (sqlite3_exec(database_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("open");
}

bool Store::has(const std::string& column) {
  sqlite3_stmt* row = nullptr;
  const std::string sql = "SELECT 1 FROM pragma_table_info('points') WHERE name = '" + column + "'";
  if (sqlite3_prepare_v2(database_, sql.c_str(), -1, &row, nullptr) != SQLITE_OK) fail("open");
  const int status = sqlite3_step(row);
  sqlite3_finalize(row);
  return status == SQLITE_ROW;
}

Store::Store(const std::string& path) : path_(path) {
  try {
    if (sqlite3_open(path.c_str(), &database_) != SQLITE_OK) fail("open");
    execute("PRAGMA journal_mode=WAL");  // a killed process leaves whole rows
    execute("PRAGMA synchronous=NORMAL");
    execute(kTable);
    for (const auto& [name, type] : kLaterColumns) {
      if (!has(name)) execute(std::string("ALTER TABLE points ADD COLUMN ") + name + " " + type);
    }
    if (sqlite3_prepare_v2(database_, kInsert, -1, &insert_, nullptr) != SQLITE_OK) fail("open");
  } catch (...) {
    sqlite3_close(database_);
    throw;
  }
}

Store::~Store() {
  sqlite3_finalize(insert_);
  sqlite3_close(database_);
}

void Store::put(const Row& row, const Outcome& o) {
  int at = 0;
  const auto text = [&](const std::string& value) {
    sqlite3_bind_text(insert_, ++at, value.c_str(), -1, SQLITE_TRANSIENT);
  };
  const auto integer = [&](std::int64_t value) { sqlite3_bind_int64(insert_, ++at, value); };
  const auto real = [&](double value) { sqlite3_bind_double(insert_, ++at, value); };
  sqlite3_reset(insert_);
  sqlite3_clear_bindings(insert_);
  for (const std::string* value :
       {&row.key, &row.network, &row.recipe, &row.hardware, &row.settings})
    text(*value);
  integer(o.batch);
  integer(o.ok ? 1 : 0);
  text(o.error);
  if (o.ok) {
    integer(o.cycles);
    real(o.seconds);
    real(o.joules);
    if (o.area_mm2) {
      real(*o.area_mm2);
    } else {
      ++at;
    }
    integer(o.dram_bytes);
    integer(o.sram_bytes);
    integer(o.macs);
    real(o.utilisation);
    integer(o.needed_bytes);
    integer(o.memory_bytes);
    real(o.joules_low);
    real(o.joules_high);
  }
  if (sqlite3_step(insert_) != SQLITE_DONE) fail("write");
}

std::map<std::string, Outcome> Store::all() const {
  std::map<std::string, Outcome> outcomes;
  sqlite3_stmt* row = nullptr;
  if (sqlite3_prepare_v2(database_, kSelect, -1, &row, nullptr) != SQLITE_OK) fail("read");
  int status = SQLITE_ROW;
  while ((status = sqlite3_step(row)) == SQLITE_ROW) {
    Outcome o;
    int at = 0;
    const std::string key = text_of(row, at++);
    o.batch = sqlite3_column_int(row, at++);
    o.ok = sqlite3_column_int(row, at++) != 0;
    o.error = text_of(row, at++);
    o.cycles = sqlite3_column_int64(row, at++);
    o.seconds = sqlite3_column_double(row, at++);
    o.joules = sqlite3_column_double(row, at++);
    if (sqlite3_column_type(row, at) != SQLITE_NULL) o.area_mm2 = sqlite3_column_double(row, at);
    ++at;
    o.dram_bytes = sqlite3_column_int64(row, at++);
    o.sram_bytes = sqlite3_column_int64(row, at++);
    o.macs = sqlite3_column_int64(row, at++);
    o.utilisation = sqlite3_column_double(row, at++);
    o.needed_bytes = sqlite3_column_int64(row, at++);
    o.memory_bytes = sqlite3_column_int64(row, at++);
    o.joules_low = sqlite3_column_double(row, at++);
    o.joules_high = sqlite3_column_double(row, at++);
    outcomes.emplace(key, o);
  }
  sqlite3_finalize(row);
  if (status != SQLITE_DONE) fail("read");
  return outcomes;
}

void Store::clear() { execute("DELETE FROM points"); }

}  // namespace octet::sim::explore
