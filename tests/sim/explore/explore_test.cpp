#include <gtest/gtest.h>
#include <sqlite3.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <random>
#include <set>

#include "common/error.hpp"
#include "sim/explore/pareto.hpp"
#include "sim/explore/picture.hpp"
#include "sim/explore/store.hpp"
#include "sim/explore/sweep.hpp"
#include "sim/explore/workers.hpp"
#include "tests/common/temp_dir.hpp"

namespace octet::sim::explore {
namespace {

std::string file_of(const std::string& text) {
  const std::string path = octet::testing::scratch_file(
      std::string("sweep_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() +
      ".yaml");
  std::ofstream(path) << text;
  return path;
}

std::string error_of(const std::string& text) {
  try {
    (void)read_sweep(file_of(text));
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
    return error.what();
  }
  return "";
}

TEST(Sweep, AxesAndPoints) {
  const Sweep sweep = read_sweep(
      file_of("network: [a, b]\nbatch: {from: 8, to: 32, times: 2}\nover:\n"
              "  hardware.array.rows, hardware.array.cols: [4, 8]\n"
              "  recipe.range: delayed\n  hardware.clock_hz: {from: 1, to: 2, step: 0.25}\n"));
  EXPECT_EQ(sweep.points(), 2 * 3 * 2 * 1 * 5);
  EXPECT_EQ(sweep.axes[1].values, (std::vector<std::string>{"8", "16", "32"}));
  EXPECT_EQ(sweep.axes.back().values, (std::vector<std::string>{"1", "1.25", "1.5", "1.75", "2"}));
  const Point first = sweep.point(sweep.places(0));
  EXPECT_EQ(first.network, "a");
  EXPECT_EQ(first.batch, 8);
  EXPECT_EQ(first.recipe, "int8");
  EXPECT_EQ(first.hardware, "base");
  EXPECT_EQ(first.hardware_set,
            (std::vector<std::string>{"array.rows=4", "array.cols=4", "clock_hz=1"}));
  EXPECT_EQ(first.recipe_set, (std::vector<std::string>{"range=delayed"}));
  const Point last = sweep.point(sweep.places(sweep.points() - 1));
  EXPECT_EQ(last.network, "b");
  EXPECT_EQ(last.batch, 32);
  EXPECT_EQ(last.hardware_set,
            (std::vector<std::string>{"array.rows=8", "array.cols=8", "clock_hz=2"}));
  std::set<std::vector<std::size_t>> places;
  for (std::int64_t i = 0; i < sweep.points(); ++i) places.insert(sweep.places(i));
  EXPECT_EQ(static_cast<std::int64_t>(places.size()), sweep.points());
}

TEST(Sweep, BadFilesSayWhereAndWhat) {
  const auto expect = [](const std::string& text, const std::vector<std::string>& words) {
    const std::string error = error_of(text);
    for (const std::string& word : words)
      EXPECT_NE(error.find(word), std::string::npos) << error << " lacks " << word;
  };
  expect("batch: 3\n", {"network", "nothing"});
  expect("network: a\ncolour: red\n", {"colour", "unknown key"});
  expect("network: a\nbatch: 0\n", {":2: batch", "0", "1 to 1048576"});
  expect("network: a\nbatch: [1, x]\n", {"batch", "x"});
  expect("network: []\n", {"network", "empty list"});
  expect("network: [a, a]\n", {"network", "'a' twice"});
  expect("network: a\nover: {array.rows: 3}\n", {"over", "array.rows", "hardware.FIELD"});
  expect("network: a\nover: {hardware.x: {from: 3, to: 1, step: 1}}\n", {"to", "1", "from, 3"});
  expect("network: a\nover: {hardware.x: {from: 1, to: 3}}\n", {"times", "nothing"});
  expect("network: a\nover: {hardware.x: {from: 1, to: 3, times: 1}}\n", {"times", "more than 1"});
  expect("network: a\nover: {hardware.x: {from: 0, to: 3, times: 2}}\n", {"from", "more than 0"});
  expect("network: a\nover: {hardware.x: {from: 1, to: 3, step: 1, by: 2}}\n", {"by", "unknown"});
  expect("network: a\nover: {hardware.x: {from: 0, to: 1000000, step: 1}}\n", {"range", "fewer"});
  expect("network: a\nover: {hardware.x: 1, 'hardware.y,hardware.x': 2}\n", {"hardware.x twice"});
  expect(
      "network: a\nover:\n  hardware.x: {from: 1, to: 10000, step: 1}\n"
      "  hardware.y: {from: 1, to: 10000, step: 1}\n",
      {"points", "at most"});
}

Outcome outcome(double time, double energy, double area) {
  Outcome o;
  o.ok = true;
  o.batch = 1;
  o.seconds = time;
  o.joules = energy;
  if (area >= 0.0) o.area_mm2 = area;
  return o;
}

TEST(Pareto, EqualsComparingAllPairs) {
  std::mt19937 generator(3);
  for (const bool area : {false, true}) {
    for (int round = 0; round < 50; ++round) {
      std::vector<Outcome> all;
      for (int i = 0; i < 80; ++i) {
        const auto draw = [&] { return static_cast<double>(1 + generator() % 12); };
        const double t = draw();
        const double e = draw();
        all.push_back(outcome(t, e, area ? draw() : -1.0));
        if (generator() % 10 == 0) all.back().ok = false;
      }
      std::set<std::size_t> expected;
      for (std::size_t i = 0; i < all.size(); ++i) {
        bool beaten = !all[i].ok;
        for (const Outcome& o : all) {
          const double a = area && o.ok ? *o.area_mm2 : 0.0;
          const double b = area && all[i].ok ? *all[i].area_mm2 : 0.0;
          beaten |= o.ok && o.seconds <= all[i].seconds && o.joules <= all[i].joules && a <= b &&
                    (o.seconds < all[i].seconds || o.joules < all[i].joules || a < b);
        }
        if (!beaten) expected.insert(i);
      }
      const auto front = pareto_front(all);
      EXPECT_EQ(std::set<std::size_t>(front.begin(), front.end()), expected);
      EXPECT_EQ(front.size(), expected.size());
    }
  }
}

TEST(Pareto, WithoutAllAreasTimeAndEnergyDecide) {
  const std::vector<Outcome> all{outcome(1, 1, -1), outcome(2, 2, 0.5)};
  EXPECT_FALSE(all_have_area(all));
  EXPECT_EQ(pareto_front(all), (std::vector<std::size_t>{0}));
}

TEST(Pareto, PictureOfNothingAndOfOnePoint) {
  const std::string none = pareto_picture({{"none", {}, {}, {}}});
  EXPECT_NE(none.find("</svg>"), std::string::npos);
  const std::string one = pareto_picture({{"a<b", {outcome(1, 1, 2)}, {"x=1"}, {0}}});
  EXPECT_NE(one.find("a&lt;b"), std::string::npos);
  EXPECT_NE(one.find("x=1: 1000 ms, 1000 mJ an image, 2 mm2"), std::string::npos);
  EXPECT_EQ(one.find("nan"), std::string::npos);
}

TEST(Store, KeepsWhatWasPut) {
  const std::string path = octet::testing::scratch_file("points.sqlite");
  std::remove(path.c_str());
  Outcome good = outcome(0.1, 0.2, 3.0);
  good.cycles = 123456789012;
  good.macs = 7;
  good.utilisation = 0.25;
  good.needed_bytes = 8100000000;
  good.memory_bytes = 4294967296;
  good.joules_low = 0.125;
  good.joules_high = 64.5;
  Outcome bad;
  bad.batch = 4;
  bad.error = "too small, 'quoted'";
  {
    Store store(path);
    store.put({"k1", "net", "int8", "base", "a=1"}, good);
    store.put({"k2", "net", "int8", "base", "a=2"}, bad);
    store.put({"k2", "net", "int8", "base", "a=2"}, bad);
  }
  Store store(path);
  const auto all = store.all();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all.at("k1").cycles, good.cycles);
  EXPECT_EQ(all.at("k1").joules, good.joules);
  EXPECT_EQ(all.at("k1").joules_low, good.joules_low);
  EXPECT_EQ(all.at("k1").joules_high, good.joules_high);
  EXPECT_EQ(all.at("k1").area_mm2, good.area_mm2);
  EXPECT_EQ(all.at("k1").utilisation, good.utilisation);
  EXPECT_EQ(all.at("k1").needed_bytes, good.needed_bytes);
  EXPECT_EQ(all.at("k1").memory_bytes, good.memory_bytes);
  EXPECT_FALSE(all.at("k1").fits());
  EXPECT_FALSE(all.at("k2").ok);
  EXPECT_EQ(all.at("k2").error, bad.error);
  EXPECT_FALSE(all.at("k2").area_mm2.has_value());
  store.clear();
  EXPECT_TRUE(store.all().empty());
}

// A file of before energies had bars gets the columns; its rows stay.
TEST(Store, AddsTheColumnsThatAFileLacks) {
  const std::string path = octet::testing::scratch_file("old.sqlite");
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  const char* old =
      "CREATE TABLE points (key TEXT PRIMARY KEY, network TEXT NOT NULL,"
      " recipe TEXT NOT NULL, hardware TEXT NOT NULL, settings TEXT NOT NULL, batch INTEGER NOT"
      " NULL, ok INTEGER NOT NULL, error TEXT NOT NULL, cycles INTEGER, seconds REAL,"
      " energy_joules REAL, area_mm2 REAL, dram_bytes INTEGER, sram_bytes INTEGER, macs INTEGER,"
      " utilisation REAL);"
      "INSERT INTO points VALUES ('old', 'net', 'int8', 'base', '', 4, 1, '', 9, 1.5, 2.5, 3.5,"
      " 4, 5, 6, 0.5)";
  ASSERT_EQ(sqlite3_exec(database, old, nullptr, nullptr, nullptr), SQLITE_OK);
  sqlite3_close(database);
  Outcome fresh;
  fresh.ok = true;
  fresh.joules_low = 0.5;
  fresh.joules = 1.0;
  fresh.joules_high = 2.0;
  for (int again = 0; again < 2; ++again) {
    Store store(path);
    store.put({"new", "net", "int8", "base", ""}, fresh);
    const auto all = store.all();
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all.at("old").utilisation, 0.5);
    EXPECT_EQ(all.at("new").joules_low, 0.5);
    EXPECT_EQ(all.at("new").joules_high, 2.0);
  }
}

TEST(Store, RefusesAnotherKindOfFile) {
  const std::string path = octet::testing::scratch_file("not.sqlite");
  std::ofstream(path) << std::string(5000, 'x');
  EXPECT_THROW(Store{path}, Error);
  EXPECT_THROW(Store{"/no/such/folder/x.sqlite"}, Error);
}

std::vector<std::int64_t> numbers(std::int64_t count) {
  std::vector<std::int64_t> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(i);
  return all;
}

TEST(Workers, EveryPointOnceWithItsOutcome) {
  for (const int jobs : {1, 3, 200}) {
    std::multiset<std::int64_t> seen;
    const auto lost = run_points(
        numbers(100), jobs,
        [](std::int64_t i) {
          if (i % 10 == 3) throw Error("point " + std::to_string(i));
          Outcome o = outcome(0.5, 0.25, i % 2 == 0 ? 1.0 : -1.0);
          o.cycles = i * 1000;
          o.needed_bytes = i + 1;
          o.memory_bytes = 50;
          return o;
        },
        [&](std::int64_t i, const Outcome& o) {
          seen.insert(i);
          EXPECT_EQ(o.ok, i % 10 != 3);
          EXPECT_EQ(o.error, o.ok ? "" : "point " + std::to_string(i));
          EXPECT_EQ(o.cycles, o.ok ? i * 1000 : 0);
          EXPECT_EQ(o.needed_bytes, o.ok ? i + 1 : 0);
          EXPECT_EQ(o.fits(), !o.ok || i < 50);
          EXPECT_EQ(o.area_mm2.has_value(), o.ok && i % 2 == 0);
        });
    EXPECT_TRUE(lost.empty());
    EXPECT_EQ(std::vector<std::int64_t>(seen.begin(), seen.end()), numbers(100));
  }
}

TEST(Workers, ADeadProcessLosesItsPointAlone) {
  std::set<std::int64_t> seen;
  const auto lost = run_points(
      numbers(40), 2,
      [](std::int64_t i) {
        if (i == 5 || i == 6 || i == 31) ::raise(SIGKILL);
        return outcome(1, 1, 1);
      },
      [&](std::int64_t i, const Outcome&) { seen.insert(i); });
  EXPECT_EQ(std::set<std::int64_t>(lost.begin(), lost.end()), (std::set<std::int64_t>{5, 6, 31}));
  EXPECT_EQ(seen.size(), 37U);
}

TEST(Workers, AnErrorOfTheCallerEndsAll) {
  EXPECT_THROW((void)run_points(
                   numbers(40), 2, [](std::int64_t) { return outcome(1, 1, 1); },
                   [](std::int64_t, const Outcome&) { throw Error("disk full"); }),
               Error);
}

}  // namespace
}  // namespace octet::sim::explore
