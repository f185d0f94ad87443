#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "common/yaml_reader.hpp"
#include "tests/common/expect_error.hpp"
#include "tests/common/temp_dir.hpp"

namespace octet {
namespace {

using testing::expect_error;
using testing::expect_error_with;
using testing::TempDir;

struct Case {
  const char* name;
  const char* yaml;
  std::function<void(YamlMap&)> read;
  const char* error;  // behind "FILE:"
};

class YamlReaderError : public ::testing::TestWithParam<Case> {};

TEST_P(YamlReaderError, NamesFileLineFieldFoundAndExpected) {
  const TempDir dir;
  const std::string path = dir.write("a.yaml", GetParam().yaml);
  expect_error(
      [&] {
        YamlMap map = YamlMap::read_file(path);
        GetParam().read(map);
      },
      path + GetParam().error);
}

const Case kCases[] = {
    {"MissingText", "a: 1\n", [](YamlMap& m) { (void)m.text("b"); },
     ":1: b: found nothing, expected a text"},
    {"EmptyValue", "a: 1\nb:\n", [](YamlMap& m) { (void)m.text("b"); },
     ":2: b: found nothing, expected a text"},
    {"ListForText", "b: [x]\n", [](YamlMap& m) { (void)m.text("b"); },
     ":1: b: found a list, expected a text"},
    {"EmptyName", "b: ''\n", [](YamlMap& m) { (void)m.name("b"); },
     ":1: b: found an empty text, expected 1 to 64 letters, digits, '_', '-' or '.'"},
    {"NameThatIsAPath", "a: 1\nb: ../x\n", [](YamlMap& m) { (void)m.name("b", "z"); },
     ":2: b: found ../x, expected 1 to 64 letters, digits, '_', '-' or '.'"},
    {"NameOfTwoLines", "b: \"x\\ny\"\n", [](YamlMap& m) { (void)m.name("b"); },
     ":1: b: found x y, expected 1 to 64 letters, digits, '_', '-' or '.'"},
    {"BelowRange", "a: 1\nb: 0\n", [](YamlMap& m) { (void)m.integer("b", 1, 9); },
     ":2: b: found 0, expected an integer from 1 to 9"},
    {"AboveRange", "b: 10\n", [](YamlMap& m) { (void)m.integer("b", 1, 9, 3); },
     ":1: b: found 10, expected an integer from 1 to 9"},
    {"RealForInteger", "b: 1.5\n", [](YamlMap& m) { (void)m.integer("b", 1, 9); },
     ":1: b: found 1.5, expected an integer from 1 to 9"},
    {"TooLongForAnyInteger", "b: 99999999999999999999\n",
     [](YamlMap& m) { (void)m.integer("b", 1, 9); },
     ":1: b: found 99999999999999999999, expected an integer from 1 to 9"},
    {"TrailingTextInInteger", "b: 5px\n", [](YamlMap& m) { (void)m.integer("b", 1, 9); },
     ":1: b: found 5px, expected an integer from 1 to 9"},
    {"NotANumber", "b: .nan\n", [](YamlMap& m) { (void)m.number("b", 0, 1); },
     ":1: b: found .nan, expected a number from 0 to 1"},
    {"NanInLetters", "b: nan\n", [](YamlMap& m) { (void)m.number("b", 0, 1); },
     ":1: b: found nan, expected a number from 0 to 1"},
    {"NumberAboveRange", "b: 1.01\n", [](YamlMap& m) { (void)m.number("b", 0, 1); },
     ":1: b: found 1.01, expected a number from 0 to 1"},
    {"NumberBelowRange", "b: -0.5\n", [](YamlMap& m) { (void)m.number("b", 0.25, 1, 0.5); },
     ":1: b: found -0.5, expected a number from 0.25 to 1"},
    {"MapForNumber", "b: {x: 1}\n", [](YamlMap& m) { (void)m.number("b", 0, 1); },
     ":1: b: found a map, expected a number from 0 to 1"},
    {"NotBoolean", "b: yes\n", [](YamlMap& m) { (void)m.boolean("b", true); },
     ":1: b: found yes, expected one of: true, false"},
    {"NotAChoice", "b: z\n",
     [](YamlMap& m) {
       (void)m.choice("b", {"x", "y"}, "x");
     },
     ":1: b: found z, expected one of: x, y"},
    {"MissingChoice", "a: z\n",
     [](YamlMap& m) {
       (void)m.choice("b", {"x", "y"});
     },
     ":1: b: found nothing, expected one of: x, y"},
    {"BadItemOfIntegers", "b: [1, 12]\n", [](YamlMap& m) { (void)m.integers("b", 1, 9); },
     ":1: b: found 12, expected integers from 1 to 9"},
    {"BadSingleOfIntegers", "b: 12\n", [](YamlMap& m) { (void)m.integers("b", 1, 9); },
     ":1: b: found 12, expected an integer from 1 to 9"},
    {"BadItemOfTexts", "b: [x, [y]]\n", [](YamlMap& m) { (void)m.texts("b"); },
     ":1: b: found a list, expected a text or a list of texts"},
    {"NotAMap", "b: 1\n", [](YamlMap& m) { (void)m.map("b"); },
     ":1: b: found 1, expected a map of keys"},
    {"NotAListOfMaps", "b: 1\n", [](YamlMap& m) { (void)m.maps("b"); },
     ":1: b: found 1, expected a list of maps"},
    {"ItemNotAMap", "b:\n  - {x: 1}\n  - 7\n", [](YamlMap& m) { (void)m.maps("b"); },
     ":3: b[1]: found 7, expected a map of keys"},
    {"PathOfAnInnerField", "b:\n  c:\n    d: 0\n",
     [](YamlMap& m) { (void)m.map("b").map("c").integer("d", 1, 2); },
     ":3: b.c.d: found 0, expected an integer from 1 to 2"},
    {"PathOfAListItem", "b:\n  - {x: 1}\n  - {x: 0}\n",
     [](YamlMap& m) { (void)m.maps("b")[1].integer("x", 1, 2); },
     ":3: b[1].x: found 0, expected an integer from 1 to 2"},
    {"UnknownKey", "a: 1\nbad: 2\n",
     [](YamlMap& m) {
       (void)m.integer("a", 0, 9);
       (void)m.integer("c", 0, 9, 1);
       m.finish();
     },
     ":2: bad: found an unknown key, expected one of: a, c"},
    {"KeyAskedForButNotRead", "a: 1\n",
     [](YamlMap& m) {
       (void)m.has("a");
       m.finish();
     },
     ":1: a: found an unknown key, expected one of: a"},
    {"RepeatedKey", "a: 1\na: 2\n", [](YamlMap&) {},
     ":2: a: found a second a, expected each key once"},
    {"RepeatedInnerKey", "b:\n  a: 1\n  a: 2\n", [](YamlMap& m) { (void)m.map("b"); },
     ":3: b.a: found a second a, expected each key once"},
    {"ListAsKey", "[x]: 1\n", [](YamlMap&) {}, ":1: found a list as a key, expected a word"},
    {"TopIsAList", "- 1\n", [](YamlMap&) {}, ":1: found a list, expected a map of keys"},
    {"EmptyFile", "", [](YamlMap&) {}, ": found nothing, expected a map of keys"},
    {"TwoDocuments", "a: 1\n---\na: 2\n", [](YamlMap&) {}, ": found 2 documents, expected one"},
};

INSTANTIATE_TEST_SUITE_P(All, YamlReaderError, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

TEST(YamlReaderFile, BrokenSyntaxNamesTheLine) {
  const TempDir dir;
  const std::string path = dir.write("a.yaml", "a: 1\nb: [1, 2\n");
  expect_error_with([&] { (void)YamlMap::read_file(path); },
                    {path + ":3: found ", "expected YAML"});
}

TEST(YamlReaderFile, MissingFile) {
  const TempDir dir;
  const std::string path = dir.file("none.yaml");
  expect_error([&] { (void)YamlMap::read_file(path); },
               path + ": found No such file or directory, expected a readable file");
}

TEST(YamlReaderFile, SetPathNamesTheFieldInErrors) {
  const TempDir dir;
  const std::string path = dir.write("a.yaml", "b:\n  - {x: 0}\n");
  YamlMap map = YamlMap::read_file(path);
  YamlMap item = map.maps("b").front();
  item.set_path("b.first");
  EXPECT_STREQ(item.error("x", "0", "1").what(),
               (path + ":2: b.first.x: found 0, expected 1").c_str());
  EXPECT_STREQ(item.error("", "0", "1").what(),
               (path + ":2: b.first: found 0, expected 1").c_str());
}

}  // namespace
}  // namespace octet
