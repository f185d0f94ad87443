#include "model/analysis/angles.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "model/quant/range_constant.hpp"

namespace octet::model {
namespace {

using Tensor = Quantisation::Tensor;

struct Sums {
  double xx = 0.0, yy = 0.0, xy = 0.0;
  void add(double x, double y) {
    xx += x * x;
    yy += y * y;
    xy += x * y;
  }
};

template <class Code>
Sums sum(const Quantisation& seen, std::span<const Code> codes) {
  const std::int32_t zero = seen.params.zero_point;
  const bool positive = seen.tensor == Tensor::kActivation && zero == 0;
  const std::size_t channels = seen.scales.size();
  Sums sums;
  std::size_t channel = 0;
  for (std::size_t i = 0; i < codes.size(); ++i) {
    double x = 0.0;
    if (seen.floats.empty()) {
      x = double{seen.scales[channel]} * seen.wide[i];
      if (++channel == channels) channel = 0;
    } else {
      x = seen.floats[i];
    }
    sums.add(positive ? std::max(x, 0.0) : x, codes[i] - zero);
  }
  return sums;
}

Rounding rounding_of(Tensor tensor, const Recipe& recipe) {
  switch (tensor) {
    case Tensor::kWeight:
      break;
    case Tensor::kActivation:
      return recipe.rounding.activation;
    case Tensor::kGradient:
      return recipe.rounding.gradient;
    case Tensor::kWeightGradient:
      return recipe.rounding.weight_gradient;
  }
  return Rounding::kNearest;
}

}  // namespace

std::optional<double> cosine(const Quantisation& seen) {
  const Sums sums = seen.codes.empty() ? sum(seen, seen.wide_codes) : sum(seen, seen.codes);
  if (sums.xx == 0.0) return std::nullopt;
  if (sums.yy == 0.0) return 0.0;
  // Two roots: the product of the sums of tiny gradients could leave the range of f64.
  return std::clamp(sums.xy / (std::sqrt(sums.xx) * std::sqrt(sums.yy)), -1.0, 1.0);
}

double angle_bound(int bits, std::int64_t elements) {
  const double codes = std::exp2(bits);
  return codes / (codes + std::sqrt(std::log(static_cast<double>(elements)) / 6.0));
}

double angle_prediction(int bits, std::int64_t elements, Rounding rounding) {
  const double step =
      1.0 / (double{range_constant(RangeConstant::kGaussian, elements)} * q_max_of_bits(bits));
  return 1.0 / std::sqrt(1.0 + step * step / (rounding == Rounding::kNearest ? 12.0 : 6.0));
}

Angles::Angles(const Recipe& recipe, long every) : recipe_(recipe), every_(every) {}

void Angles::add(const Quantisation& seen) {
  if ((static_cast<long>(seen.step) + 1) % every_ != 0) return;
  AngleRow& row = rows_[{seen.node, seen.tensor}];
  row.node = seen.node;
  row.tensor = seen.tensor;
  row.bits = std::bit_width(static_cast<unsigned>(seen.params.q_max));
  row.rounding = rounding_of(seen.tensor, recipe_);
  row.elements = static_cast<std::int64_t>(std::max(seen.codes.size(), seen.wide_codes.size()));
  const std::optional<double> found = cosine(seen);
  if (!found) {
    ++row.skipped;
    return;
  }
  row.lowest = row.samples == 0 ? *found : std::min(row.lowest, *found);
  row.highest = row.samples == 0 ? *found : std::max(row.highest, *found);
  ++row.samples;
  row.cosine += (*found - row.cosine) / static_cast<double>(row.samples);
}

std::vector<AngleRow> Angles::rows() const {
  std::vector<AngleRow> rows;
  for (const auto& [key, row] : rows_) {
    rows.push_back(row);
    rows.back().bound = angle_bound(row.bits, row.elements);
    rows.back().prediction = angle_prediction(row.bits, row.elements, row.rounding);
  }
  return rows;
}

}  // namespace octet::model
