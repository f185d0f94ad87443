#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "model/quant/recipe.hpp"
#include "model/trainer/observe.hpp"

// How far a quantised tensor turns away from the full-precision one, and what theory says of it:
// docs/angles.md.
namespace octet::model {

// The angle's cosine for one tensor,
//   sum x y / sqrt(sum x^2 sum y^2),  x_i = f64(scale_i) wide_i (or f64(weight_i)),  y_i = q_i - z,
// summed in f64 in element order; y's own scale cancels. Where an activation's zero point is 0,
// values below zero count as zero: the ReLU that follows takes them, so losing them is no error of
// the quantiser. Nothing if every x_i is zero; 0 if only every y_i is.
[[nodiscard]] std::optional<double> cosine(const Quantisation& seen);

// The paper's lower bound 2^M / (2^M + sqrt(ln N) / sqrt(6)) for N values and M bits.
[[nodiscard]] double angle_bound(int bits, std::int64_t elements);
// The cosine to expect for N independent normal values on a grid of 2^b codes from their minimum
// to their maximum: the step is d2(N) / (2^b - 1) deviations and the error, independent of the
// value, has variance step^2 / 12 (nearest) or step^2 / 6 (stochastic):
//   1 / sqrt(1 + (d2(N) / (2^b - 1))^2 / v),  v = 12 or 6,  d2 of range_constant.
[[nodiscard]] double angle_prediction(int bits, std::int64_t elements, Rounding rounding);

// One tensor of one node over the steps that were looked at.
struct AngleRow {
  int node = 0;
  Quantisation::Tensor tensor = Quantisation::Tensor::kActivation;
  int bits = 0;
  Rounding rounding = Rounding::kNearest;
  std::int64_t elements = 0;  // N, of the last step
  std::int64_t samples = 0;   // steps with a cosine
  std::int64_t skipped = 0;   // steps in which the tensor was all zero: no angle
  double cosine = 0.0;        // mean over the samples
  double lowest = 0.0, highest = 0.0;
  double bound = 0.0, prediction = 0.0;
};

// Gathers the angles of every `every`-th training step (the last of each `every`).
class Angles {
 public:
  Angles(const Recipe& recipe, long every);
  void add(const Quantisation& seen);
  // By node, then weight, activation, gradient, weight gradient.
  [[nodiscard]] std::vector<AngleRow> rows() const;

 private:
  Recipe recipe_;
  long every_;
  std::map<std::pair<int, Quantisation::Tensor>, AngleRow> rows_;
};

}  // namespace octet::model
