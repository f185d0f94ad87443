#include "common/yaml_reader.hpp"

#include <gtest/gtest.h>

#include <clocale>

#include "common/yaml_scalar.hpp"
#include "tests/common/temp_dir.hpp"

namespace octet {
namespace {

using testing::TempDir;

YamlMap read(const TempDir& dir, const std::string& text) {
  return YamlMap::read_file(dir.write("a.yaml", text));
}

TEST(YamlReader, ReadsEveryKindOfValue) {
  const TempDir dir;
  YamlMap map = read(dir,
                     "word: some text\nnumber: -7\nreal: 1e-4\nyes: true\nno: false\n"
                     "kind: b\none: 3\nmany: [1, 2, 3]\nnames: [x, y]\nname: z\n"
                     "inner: {depth: 2}\nitems:\n  - {a: 1}\n  - {a: 2}\n");
  EXPECT_EQ(map.text("word"), "some text");
  EXPECT_EQ(map.integer("number", -7, -7), -7);
  EXPECT_EQ(map.number("real", 0, 1), 1e-4);
  EXPECT_TRUE(map.boolean("yes", false));
  EXPECT_FALSE(map.boolean("no", true));
  EXPECT_EQ(map.choice("kind", {"a", "b"}), "b");
  EXPECT_EQ(map.integers("one", 1, 9), std::vector<long>({3}));
  EXPECT_EQ(map.integers("many", 1, 3), std::vector<long>({1, 2, 3}));
  EXPECT_EQ(map.texts("names"), std::vector<std::string>({"x", "y"}));
  EXPECT_EQ(map.texts("name"), std::vector<std::string>({"z"}));
  EXPECT_EQ(map.name("name"), "z");
  YamlMap inner = map.map("inner");
  EXPECT_EQ(inner.integer("depth", 0, 9), 2);
  inner.finish();
  std::vector<YamlMap> items = map.maps("items");
  ASSERT_EQ(items.size(), 2U);
  EXPECT_EQ(items[0].integer("a", 0, 9), 1);
  EXPECT_EQ(items[1].integer("a", 0, 9), 2);
  EXPECT_NO_THROW(map.finish());
}

TEST(YamlReader, FallbacksStandForAbsentKeys) {
  const TempDir dir;
  YamlMap map = read(dir, "other: 1\n");
  EXPECT_FALSE(map.has("word"));
  EXPECT_TRUE(map.has("other"));
  EXPECT_EQ(map.text("word", "w"), "w");
  EXPECT_EQ(map.name("name", "n-1.2_x"), "n-1.2_x");
  EXPECT_EQ(map.integer("number", 0, 1, 99), 99);  // a fallback need not be in the range
  EXPECT_EQ(map.number("real", 0, 1, 0.25), 0.25);
  EXPECT_TRUE(map.boolean("flag", true));
  EXPECT_EQ(map.choice("kind", {"a", "b"}, "a"), "a");
}

TEST(YamlReader, AskingForAnAbsentKeyDoesNotAddIt) {
  const TempDir dir;
  const YamlMap map = read(dir, "other: 1\n");
  EXPECT_FALSE(map.has("word"));
  EXPECT_FALSE(map.has("word"));
}

TEST(YamlReader, KeysAsTheyStandAndWhichAreMaps) {
  const TempDir dir;
  const YamlMap map = read(dir, "b: 1\na: {c: 2}\n'x.y, z': [1]\n");
  EXPECT_EQ(map.keys(), (std::vector<std::string>{"b", "a", "x.y, z"}));
  EXPECT_TRUE(map.is_map("a"));
  EXPECT_FALSE(map.is_map("b"));
  EXPECT_FALSE(map.is_map("nothing"));
  EXPECT_EQ(map.keys().size(), 3U);  // asking added none
}

TEST(YamlReader, AssigningAMapLeavesTheTreeAlone) {
  const TempDir dir;
  YamlMap map = read(dir, "a: {x: 1}\nb: {x: 2}\n");
  YamlMap one = map.map("a");
  one = map.map("b");
  EXPECT_EQ(one.integer("x", 0, 9), 2);
  EXPECT_EQ(map.map("a").integer("x", 0, 9), 1);
}

TEST(YamlReader, ReadsNumbersTheSameInEveryLocale) {
  const TempDir dir;
  const char* const set = std::setlocale(LC_ALL, "de_DE.UTF-8");  // may not be installed
  YamlMap map = read(dir, "real: 0.5\n");
  EXPECT_EQ(map.number("real", 0, 1), 0.5) << (set == nullptr ? "C locale" : set);
  std::setlocale(LC_ALL, "C");
}

TEST(YamlScalar, DescribesWhatItFound) {
  EXPECT_EQ(yaml::describe(YAML::Load("[1, 2]")), "a list");
  EXPECT_EQ(yaml::describe(YAML::Load("[]")), "an empty list");
  EXPECT_EQ(yaml::describe(YAML::Load("{a: 1}")), "a map");
  EXPECT_EQ(yaml::describe(YAML::Load("~")), "nothing");
  EXPECT_EQ(yaml::describe(YAML::Load("\"\"")), "an empty text");
  EXPECT_EQ(yaml::describe(YAML::Load("\"a\\nb\"")), "a b");
  EXPECT_EQ(yaml::describe(YAML::Load(std::string(61, 'x'))), std::string(60, 'x') + "...");
}

TEST(YamlScalar, FormatsTheShortestNumber) {
  EXPECT_EQ(yaml::format(0.1), "0.1");
  EXPECT_EQ(yaml::format(1), "1");
  EXPECT_EQ(yaml::format(1e-9), "1e-09");
}

TEST(YamlReader, SetReplacesAndAdds) {
  const TempDir dir;
  YamlMap map = read(dir, "a: 1\ninner: {b: 2, c: 3}\nlist: [1, 2]\n");
  map.set("a", "10");
  map.set("inner.b", "20");
  map.set("new", "30");
  map.set("made.deep.d", "40");
  map.set("list.e", "50");
  EXPECT_EQ(map.integer("a", 0, 99), 10);
  EXPECT_EQ(map.integer("new", 0, 99), 30);
  YamlMap inner = map.map("inner");
  EXPECT_EQ(inner.integer("b", 0, 99), 20);
  EXPECT_EQ(inner.integer("c", 0, 99), 3);
  EXPECT_EQ(map.map("made").map("deep").integer("d", 0, 99), 40);
  EXPECT_EQ(map.map("list").integer("e", 0, 99), 50);
  map.finish();
}

TEST(YamlReader, WhatWasNotSetGivesWayToWhatWas) {
  const TempDir dir;
  YamlMap plain = read(dir, "a: 1\n");
  EXPECT_FALSE(plain.gives_way("a"));
  YamlMap map = read(dir, "a: 1\nb: 2\ninner: {c: 3, d: 4}\n");
  map.set("b", "20");
  map.set("inner.c", "30");
  EXPECT_TRUE(map.gives_way("a"));
  EXPECT_FALSE(map.gives_way("b"));
  EXPECT_FALSE(map.gives_way("inner")) << "a part of it was set";
  YamlMap inner = map.map("inner");
  EXPECT_FALSE(inner.gives_way("c"));
  EXPECT_TRUE(inner.gives_way("d"));
  EXPECT_EQ(inner.integer("c", 0, 99), 30);
  EXPECT_EQ(map.integer("b", 0, 99), 20);
  inner.finish();  // what gave way counts as read
  map.finish();
}

}  // namespace
}  // namespace octet
