#include "model/quant/recipe.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/error.hpp"

namespace octet::model {
namespace {

class RecipeFile : public ::testing::Test {
 protected:
  ~RecipeFile() override { std::filesystem::remove(path_); }

  Recipe read(const std::string& text) {
    std::ofstream(path_) << text;
    return read_recipe(path_);
  }
  std::string error(const std::string& text) {
    try {
      static_cast<void>(read(text));
    } catch (const Error& problem) {
      return problem.what();
    }
    return "no error";
  }

  const std::string path_ = (std::filesystem::temp_directory_path() /
                             ("octet_recipe_" + std::to_string(getpid()) + ".yaml"))
                                .string();
};

void expect_equal(const Recipe& a, const Recipe& b) {
  EXPECT_EQ(a.float32, b.float32);
  EXPECT_EQ(a.bits.weight, b.bits.weight);
  EXPECT_EQ(a.bits.activation, b.bits.activation);
  EXPECT_EQ(a.bits.gradient, b.bits.gradient);
  EXPECT_EQ(a.bits.weight_gradient, b.bits.weight_gradient);
  EXPECT_EQ(a.rounding.activation, b.rounding.activation);
  EXPECT_EQ(a.rounding.gradient, b.rounding.gradient);
  EXPECT_EQ(a.rounding.weight_gradient, b.rounding.weight_gradient);
  EXPECT_EQ(a.bifurcated, b.bifurcated);
  EXPECT_EQ(a.norm, b.norm);
  EXPECT_EQ(a.range_constant, b.range_constant);
  EXPECT_EQ(a.chunks, b.chunks);
  EXPECT_EQ(a.delayed_ranges, b.delayed_ranges);
  EXPECT_EQ(a.sample_mean_extremes, b.sample_mean_extremes);
}

TEST_F(RecipeFile, NameAloneGivesTheDefaults) { expect_equal(read("name: x\n"), Recipe{}); }

TEST_F(RecipeFile, EveryFieldIsRead) {
  const Recipe recipe = read(
      "name: all\narithmetic: integer\n"
      "bits: {weight: 2, activation: 3, gradient: 4, weight_gradient: 15}\n"
      "rounding: {activation: stochastic, gradient: nearest, weight_gradient: stochastic}\n"
      "bifurcated: true\nnorm: range_bn\nrange_constant: authors\nchunks: 256\nrange: delayed\n"
      "extremes: sample_mean\n");
  EXPECT_EQ(recipe.name, "all");
  EXPECT_EQ(recipe.file, path_);
  EXPECT_EQ(recipe.bits.weight, 2);
  EXPECT_EQ(recipe.bits.activation, 3);
  EXPECT_EQ(recipe.bits.gradient, 4);
  EXPECT_EQ(recipe.bits.weight_gradient, 15);
  EXPECT_EQ(recipe.wgrad_bits(), 15);
  EXPECT_EQ(recipe.rounding.activation, Rounding::kStochastic);
  EXPECT_EQ(recipe.rounding.gradient, Rounding::kNearest);
  EXPECT_EQ(recipe.rounding.weight_gradient, Rounding::kStochastic);
  EXPECT_EQ(recipe.range_constant, RangeConstant::kAuthors);
  EXPECT_EQ(recipe.chunks, 256);
  EXPECT_TRUE(recipe.delayed_ranges);
  EXPECT_TRUE(recipe.sample_mean_extremes);
}

TEST_F(RecipeFile, WithoutBifurcationTheGradientServesBoth) {
  const Recipe recipe = read("name: x\nbifurcated: false\nbits: {gradient: 5}\n");
  EXPECT_FALSE(recipe.bifurcated);
  EXPECT_EQ(recipe.wgrad_bits(), 5);
}

TEST_F(RecipeFile, NormNoneAndBatchNorm) {
  EXPECT_EQ(read("name: x\nnorm: none\n").norm, Recipe::Norm::kNone);
  EXPECT_EQ(read("name: x\narithmetic: float32\nnorm: batch_norm\n").norm,
            Recipe::Norm::kBatchNorm);
}

TEST_F(RecipeFile, ErrorsNameTheField) {
  struct Case {
    const char* text;
    const char* field;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"arithmetic: integer\n", "name", "a text"},
      {"name: x\ncolour: red\n", "colour", ""},
      {"name: x\narithmetic: int4\n", "arithmetic", "one of: integer, float32"},
      {"name: x\nbits: {weight: 1}\n", "bits.weight", "from 2 to 8"},
      {"name: x\nbits: {activation: 9}\n", "bits.activation", "from 2 to 8"},
      {"name: x\nbits: {gradient: 16}\n", "bits.gradient", "from 2 to 8"},
      {"name: x\nbits: {weight_gradient: 17}\n", "bits.weight_gradient", "from 2 to 16"},
      {"name: x\nbits: {bias: 8}\n", "bits.bias", ""},
      {"name: x\nrounding: {gradient: up}\n", "rounding.gradient", "nearest, stochastic"},
      {"name: x\nrounding: {weight: nearest}\n", "rounding.weight", ""},
      {"name: x\nbifurcated: maybe\n", "bifurcated", "true, false"},
      {"name: x\nnorm: layer\n", "norm", "range_bn, batch_norm, none"},
      {"name: x\nnorm: batch_norm\n", "norm", "batch_norm needs arithmetic: float32"},
      {"name: x\nrange_constant: 1.5\n", "range_constant", "paper, authors, gaussian"},
      {"name: x\nchunks: 0\n", "chunks", "from 1 to 256"},
      {"name: x\nchunks: 257\n", "chunks", "from 1 to 256"},
      {"name: x\nrange: next\n", "range", "current, delayed"},
      {"name: x\nextremes: image\n", "extremes", "tensor, sample_mean"},
      // Keys that would change nothing.
      {"name: x\narithmetic: float32\nbits: {weight: 8}\n", "bits", "arithmetic is float32"},
      {"name: x\narithmetic: float32\nrounding: {}\n", "rounding", "arithmetic is float32"},
      {"name: x\narithmetic: float32\nbifurcated: true\n", "bifurcated", "arithmetic is float32"},
      {"name: x\narithmetic: float32\nrange: current\n", "range", "arithmetic is float32"},
      {"name: x\narithmetic: float32\nextremes: tensor\n", "extremes", "arithmetic is float32"},
      {"name: x\nbifurcated: false\nbits: {weight_gradient: 8}\n", "bits.weight_gradient",
       "bifurcated is false"},
      {"name: x\nbifurcated: false\nrounding: {weight_gradient: nearest}\n",
       "rounding.weight_gradient", "bifurcated is false"},
      {"name: x\nnorm: none\nchunks: 4\n", "chunks", "norm is none"},
      {"name: x\nnorm: none\nrange_constant: paper\n", "range_constant", "norm is none"},
  };
  for (const Case& c : cases) {
    const std::string message = error(c.text);
    EXPECT_NE(message.find(path_), std::string::npos) << message;
    EXPECT_NE(message.find(std::string(c.field) + ":"), std::string::npos) << message;
    EXPECT_NE(message.find(c.says), std::string::npos) << message;
  }
}

TEST(ShippedRecipes, AllReadAndBearTheirFilesName) {
  const std::vector<RecipeEntry> entries = list_recipes();
  ASSERT_EQ(entries.size(), 9u);
  for (const RecipeEntry& entry : entries) {
    const Recipe recipe = find_recipe(entry.name);
    EXPECT_EQ(recipe.name, entry.name);
    EXPECT_EQ(recipe.file, entry.file);
    EXPECT_EQ(find_recipe(entry.file).name, entry.name);
  }
}

TEST(ShippedRecipes, Int8WritesTheDefaults) { expect_equal(find_recipe("int8"), Recipe{}); }

TEST(ShippedRecipes, EachVariantDiffersInItsSwitches) {
  Recipe nearest;
  nearest.rounding.gradient = Rounding::kNearest;
  expect_equal(find_recipe("int8-nearest"), nearest);
  Recipe single;
  single.bifurcated = false;
  expect_equal(find_recipe("int8-no-bifurcation"), single);
  Recipe paper;
  paper.range_constant = RangeConstant::kPaper;
  expect_equal(find_recipe("int8-paper-constant"), paper);
  Recipe delayed;
  delayed.delayed_ranges = true;
  expect_equal(find_recipe("int8-delayed"), delayed);
  Recipe constant;
  constant.range_constant = RangeConstant::kAuthors;
  expect_equal(find_recipe("int8-authors-constant"), constant);
  Recipe authors = constant;
  authors.rounding.activation = Rounding::kStochastic;
  authors.sample_mean_extremes = true;
  expect_equal(find_recipe("int8-authors"), authors);
  Recipe float32;
  float32.float32 = true;
  expect_equal(find_recipe("float32"), float32);
  Recipe batch_norm = float32;
  batch_norm.norm = Recipe::Norm::kBatchNorm;
  expect_equal(find_recipe("float32-batch-norm"), batch_norm);
}

TEST(ShippedRecipes, AnUnknownNameListsTheKnownOnes) {
  try {
    static_cast<void>(find_recipe("int7"));
    FAIL() << "no error";
  } catch (const Error& problem) {
    const std::string message = problem.what();
    EXPECT_NE(message.find("int7"), std::string::npos) << message;
    EXPECT_NE(message.find("int8-delayed"), std::string::npos) << message;
  }
}

// Settings are read as if the file said so.
TEST_F(RecipeFile, SettingsWinOverTheFile) {
  std::ofstream(path_) << "name: base\nbits: {weight: 7}\nchunks: 4\n";
  const Recipe recipe =
      read_recipe(path_, {"rounding.gradient=nearest", "bits.gradient=4", "chunks=8"});
  Recipe expected;
  expected.bits.weight = 7;
  expected.bits.gradient = 4;
  expected.rounding.gradient = Rounding::kNearest;
  expected.chunks = 8;
  expect_equal(recipe, expected);
  EXPECT_EQ(recipe.name, "base+bits.gradient=4+chunks=8+rounding.gradient=nearest");
  EXPECT_EQ(recipe.file, path_);
  EXPECT_EQ(read_recipe(path_, {"chunks=8", "bits.gradient=4"}).name,
            read_recipe(path_, {"bits.gradient=4", "chunks=8"}).name);
}

// A key of the file that a setting makes void gives way; one that was set beside it does not.
TEST(Settings, WhatTheyMakeVoidInTheFileGivesWay) {
  Recipe expected;
  expected.bifurcated = false;
  expect_equal(find_recipe("int8", {"bifurcated=false"}), expected);
  expected = {};
  expected.norm = Recipe::Norm::kNone;
  expect_equal(find_recipe("int8", {"norm=none"}), expected);
  expected = {};
  expected.float32 = true;
  expect_equal(find_recipe("int8", {"arithmetic=float32"}), expected);
}

TEST_F(RecipeFile, BadSettingsAreBadUse) {
  struct Case {
    std::vector<std::string> settings;
    const char* says;
  };
  const std::vector<Case> cases = {
      {{"chunks"}, "found 'chunks', expected FIELD=VALUE"},
      {{"=4"}, "found '=4', expected FIELD=VALUE"},
      {{"chunks="}, "found 'chunks=', expected FIELD=VALUE"},
      {{"name=y"}, "found name, expected another field"},
      {{"chunks=4", "chunks=5"}, "found a second chunks, expected each field once"},
      {{"colour=red"}, "--set colour=red over "},
      {{"bits.gradient=9"}, "bits.gradient: found 9, expected an integer from 2 to 8"},
      {{"bits=4"}, "bits: found 4, expected a map"},
      {{"chunks.deep=4"}, "chunks: found a map, expected an integer"},
      {{"bits..gradient=4"}, "expected one of: weight, activation"},
      {{"bits.weight=[4, 5]"}, "bits.weight: found [4, 5], expected an integer"},
      {{"bifurcated=false", "bits.weight_gradient=8"}, "expected no such key: bifurcated is false"},
      {{"norm=batch_norm"}, "batch_norm needs arithmetic: float32"},
  };
  std::ofstream(path_) << "name: base\nbits: {weight: 7}\n";
  for (const Case& c : cases) {
    try {
      static_cast<void>(read_recipe(path_, c.settings));
      ADD_FAILURE() << "no error for " << c.settings[0];
    } catch (const Error& problem) {
      EXPECT_NE(std::string(problem.what()).find(c.says), std::string::npos) << problem.what();
      EXPECT_EQ(problem.exit_status(), 2) << problem.what();
    }
  }
  std::ofstream(path_) << "name: base\nbits: {weight: 9}\n";  // the file's own fault
  try {
    static_cast<void>(read_recipe(path_, {"bits.weight=4"}));
    ADD_FAILURE() << "no error";
  } catch (const Error& problem) {
    EXPECT_EQ(problem.exit_status(), 1) << problem.what();
    EXPECT_NE(std::string(problem.what()).find(path_ + ":2"), std::string::npos) << problem.what();
  }
}

}  // namespace
}  // namespace octet::model
