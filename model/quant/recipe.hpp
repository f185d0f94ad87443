#pragma once
#include <string>
#include <vector>

#include "model/quant/quantise.hpp"
#include "model/quant/range_constant.hpp"

namespace octet::model {

// How a network is trained: every switch of the numerics. A YAML file; docs/recipes.md.
struct Recipe {
  std::string name = "int8";
  std::string file;
  bool float32 = false;  // arithmetic: float32 | integer
  struct Bits {
    int weight = 8, activation = 8, gradient = 8, weight_gradient = 16;
  } bits;
  struct Roundings {
    Rounding activation = Rounding::kNearest;
    Rounding gradient = Rounding::kStochastic;
    Rounding weight_gradient = Rounding::kNearest;
  } rounding;
  bool bifurcated = true;
  enum class Norm {
    kRangeBn,
    kBatchNorm,
    kNone
  } norm = Norm::kRangeBn;  // kBatchNorm: float32 only
  RangeConstant range_constant = RangeConstant::kGaussian;
  int chunks = 16;
  bool delayed_ranges = false;        // range: current | delayed
  bool sample_mean_extremes = false;  // extremes: tensor | sample_mean; of activations
  // Bits of the copy that makes the weight gradient: weight_gradient, or gradient if not
  // bifurcated.
  [[nodiscard]] int wgrad_bits() const { return bifurcated ? bits.weight_gradient : bits.gradient; }
};

// `settings` are FIELD=VALUE, read as if the file said so: bits.gradient=4. They are added to the
// recipe's name, in the order of their fields: int8+bits.gradient=4. A bad one is bad use.
[[nodiscard]] Recipe read_recipe(const std::string& path,
                                 const std::vector<std::string>& settings = {});
// A path, or the name of a recipe that comes with Octet (int8, float32, ...).
[[nodiscard]] Recipe find_recipe(const std::string& name,
                                 const std::vector<std::string>& settings = {});
struct RecipeEntry {
  std::string name, file;
};
[[nodiscard]] std::vector<RecipeEntry> list_recipes();

}  // namespace octet::model
