#include "sim/config/dram_kinds.hpp"

#include <algorithm>
#include <bit>
#include <filesystem>

#ifndef OCTET_DRAM_DIR
#error "OCTET_DRAM_DIR names the folder of the memories that come with Octet"
#endif

namespace octet::sim {
namespace {

namespace fs = std::filesystem;

constexpr long kMaxClocks = 1000000;

// A time, as clocks (`trp_clk`) or nanoseconds (`trp_ns`).
long time_of(YamlMap& map, const std::string& name, std::int64_t clock_hz, long low) {
  const std::string clk = name + "_clk";
  const std::string ns = name + "_ns";
  if (map.has(ns) && map.has(clk)) throw map.error(ns, "both " + ns + " and " + clk, "one of them");
  if (!map.has(ns)) return map.integer(clk, low, kMaxClocks);
  const int clocks = clocks_of(map.number(ns, 0.0, 1e6), clock_hz);
  if (clocks < low) {
    throw map.error(ns, std::to_string(clocks) + " clocks",
                    "at least " + std::to_string(low) + " clock(s)");
  }
  return clocks;
}

long power_of_two(YamlMap& map, const std::string& key, long low, long high) {
  const long value = map.integer(key, low, high);
  if (!std::has_single_bit(static_cast<unsigned long>(value))) {
    throw map.error(key, std::to_string(value), "a power of two");
  }
  return value;
}

DramTimes read_times(YamlMap& map, std::int64_t hz) {
  const auto time = [&](const char* name, long low = 1) {
    return static_cast<int>(time_of(map, name, hz, low));
  };
  DramTimes t;
  t.cl = time("cl");
  t.cwl = time("cwl");
  t.rcd_rd = time("trcd_rd");
  t.rcd_wr = time("trcd_wr");
  t.rp = time("trp");
  t.ras = time("tras");
  t.rc = t.ras + t.rp;
  t.ccd_s = time("tccd_s");
  t.ccd_l = time("tccd_l");
  t.rrd_s = time("trrd_s");
  t.rrd_l = time("trrd_l");
  t.faw = time("tfaw");
  t.wtr_s = time("twtr_s", 0);
  t.wtr_l = time("twtr_l", 0);
  t.wr = time("twr", 0);
  t.rtp = time("trtp");
  t.rtrs = time("trtrs", 0);
  t.refi = time("trefi");
  t.rfc = time("trfc");
  const auto not_above = [&](const char* small, long a, const char* big, long b) {
    if (a > b) {
      throw map.error(std::string(small), std::to_string(a) + " clocks",
                      "at most " + std::string(big) + ", " + std::to_string(b));
    }
  };
  not_above("tccd_s", t.ccd_s, "tccd_l", t.ccd_l);
  not_above("trrd_s", t.rrd_s, "trrd_l", t.rrd_l);
  not_above("trrd_s", t.rrd_s, "tfaw", t.faw);
  not_above("twtr_s", t.wtr_s, "twtr_l", t.wtr_l);
  // A refresh, the wait for a row before it and the row after it must leave time for work.
  not_above("trfc", t.rfc + t.ras + 2L * t.rp + t.rcd_rd, "trefi", t.refi);
  return t;
}

// Whose prices hold: of `energy`, or of a name that begins so. One that has neither can still be
// timed.
void read_prices(YamlMap& map, Dram& dram) {
  const std::string name = map.text("energy", dram.kind);
  std::string known;
  for (const char* priced : kPricedDrams) {
    known += (known.empty() ? "" : ", ") + std::string(priced);
    if (name.starts_with(priced)) dram.prices = priced;
  }
  if (!dram.prices.empty()) return;
  if (map.has("energy")) throw map.error("energy", "'" + name + "'", "one of " + known);
  dram.unpriced = map.error("energy", "nothing beside the name " + name,
                            "the kind whose prices hold, one of " + known)
                      .what();
}

}  // namespace

int clocks_of(double ns, std::int64_t clock_hz) {
  const double clocks = ns * 1e-9 * static_cast<double>(clock_hz);
  const int whole = static_cast<int>(clocks);
  return clocks - whole > 0.01 ? whole + 1 : whole;
}

std::vector<std::string> dram_kinds() {
  std::vector<std::string> names;
  for (const auto& file : fs::directory_iterator(OCTET_DRAM_DIR)) {
    if (file.path().extension() == ".yaml") names.push_back(file.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

Dram read_dram_kind(YamlMap map) {
  Dram dram;
  dram.kind = map.text("name");
  (void)map.text("description", "");
  read_prices(map, dram);
  dram.clock_hz = map.integer("clock_hz", 1000000, 10000000000);
  if (dram.clock_hz % 1000 != 0) {
    throw map.error("clock_hz", std::to_string(dram.clock_hz), "a whole number of kilohertz");
  }
  const long bus_bits = power_of_two(map, "bus_bits", 8, 8192);
  dram.burst_bytes = bus_bits / 8 * power_of_two(map, "burst_length", 1, 64);
  if (dram.burst_bytes < 8) {  // energy is counted by words of 8 bytes
    throw map.error("burst_length", "bursts of " + std::to_string(dram.burst_bytes) + " bytes",
                    "at least 8 on a bus of " + std::to_string(bus_bits) + " bits");
  }
  dram.burst_clocks = static_cast<int>(map.integer("burst_clocks", 1, 64));
  dram.bank_groups = static_cast<int>(power_of_two(map, "bank_groups", 1, 64));
  dram.banks = static_cast<int>(power_of_two(map, "banks_per_group", 1, 64));
  dram.rows = power_of_two(map, "rows", 1, 1L << 30);
  dram.row_bytes = power_of_two(map, "row_bytes", 1, 1L << 20);
  if (dram.row_bytes < dram.burst_bytes) {
    throw map.error("row_bytes", std::to_string(dram.row_bytes),
                    "at least one burst of " + std::to_string(dram.burst_bytes));
  }
  dram.t = read_times(map, dram.clock_hz);
  const std::string text = map.text("mapping");
  if (const std::string expected = parse_mapping(text, dram); !expected.empty()) {
    throw map.error("mapping", "'" + text + "'", expected);
  }
  map.finish();
  return dram;
}

Dram find_dram(const std::string& name) {
  if (name.find('/') != std::string::npos || name.ends_with(".yaml")) {
    return read_dram_kind(YamlMap::read_file(name));
  }
  const fs::path shipped = fs::path(OCTET_DRAM_DIR) / (name + ".yaml");
  if (fs::exists(shipped)) return read_dram_kind(YamlMap::read_file(shipped.string()));
  std::string known;
  for (const std::string& kind : dram_kinds()) known += (known.empty() ? "" : ", ") + kind;
  throw usage_error("kind", "'" + name + "'", "a file or one of " + known);
}

Dram read_dram(YamlMap map) {
  Dram dram;
  if (map.has("own_kind")) {
    if (map.has("kind")) throw map.error("kind", "both kind and own_kind", "one of them");
    dram = read_dram_kind(map.map("own_kind"));
  } else {
    const std::string name = map.text("kind");
    if (name.find('/') != std::string::npos || name.ends_with(".yaml")) {
      dram = find_dram(name);
    } else {
      dram = find_dram(map.choice("kind", dram_kinds()));
    }
  }
  dram.channels = static_cast<int>(map.integer("channels", 1, 64));
  dram.ranks = static_cast<int>(map.integer("ranks", 1, 16, 1));
  const std::string text = map.text("mapping", dram.mapping.text);
  if (const std::string expected = parse_mapping(text, dram); !expected.empty()) {
    throw map.error("mapping", "'" + text + "'", expected);
  }
  dram.page = map.choice("page", {"open", "closed"}, "open") == "open" ? DramPage::kOpen
                                                                       : DramPage::kClosed;
  dram.scheduler = map.choice("scheduler", {"in_order", "fr_fcfs"}, "in_order") == "in_order"
                       ? DramScheduler::kInOrder
                       : DramScheduler::kFrFcfs;
  dram.queue = static_cast<int>(map.integer("queue", 1, 1024, dram.queue));
  dram.bank_queue = static_cast<int>(map.integer("bank_queue", 0, 64, dram.bank_queue));
  if (!map.boolean("refresh", true)) dram.t.refi = dram.t.rfc = 0;
  map.finish();
  return dram;
}

}  // namespace octet::sim
